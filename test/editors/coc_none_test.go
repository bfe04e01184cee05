//go:build !coc

package editors_test

import "testing"

func cocs(*testing.T) []*editor { return nil }
