// Package kate drives a real Kate on a display of its own, set up by `llmls setup
// kate --write` alone. It has the tag kate; make test-kate fetches Kate and runs it.
package kate
