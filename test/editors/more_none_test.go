//go:build !desktop

package editors_test

import "testing"

func more(*testing.T) []*editor { return nil }
