// Package e2e runs the real binary against a real llama-server whose answers
// are known to the byte. Its tests need that server, so they are built only
// with the tag e2e; make e2e fetches it and runs them.
package e2e
