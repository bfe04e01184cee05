// Package desktop drives a real Kate and a real Geany on a display of their own, set
// up by `llmls setup --write` and what no setup can do. It has the tag desktop; make
// test-desktop fetches the editors and runs it.
package desktop
