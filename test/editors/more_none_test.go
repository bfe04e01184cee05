//go:build !desktop

package editors_test

import "testing"

func more(t *testing.T) []*editor { return cocs(t) }
