//go:build !reference

package main

import "github.com/spf13/cobra"

// newReference returns nil in the released binary; see reference.go.
func newReference(*cobra.Command) *cobra.Command { return nil }
