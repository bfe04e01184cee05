//go:build vscode

package vscode

import "testing"

// BenchmarkActivation opens a window several times; its report has a line with
// the times and their median.
func BenchmarkActivation(b *testing.B) {
	Run(b, root, []string{"screen/activation.bench.ts"})
}

// BenchmarkAnswer asks, and types beside an answer; its report has a line for each
// figure.
func BenchmarkAnswer(b *testing.B) { scripted(b, "answer.bench.ts") }
