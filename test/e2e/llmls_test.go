//go:build e2e

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/llmls/llmls/test/process"
)

const (
	// models holds the scripted models and their scripts.
	models = "../llama-server/models"

	// code is what the tests ask about. It holds process.Code.
	code = "testdata/total.py"
)

// llmls is built for each run of the tests.
var llmls process.Binary

func TestMain(m *testing.M) { os.Exit(llmls.BuildAndRun(m)) }

// answering waits until text has arrived on stdout.
func answering(t *testing.T, c *process.Command) {
	t.Helper()
	process.Eventually(t, process.Patience, "text arrives", func() bool { return c.Stdout.String() != "" })
}

// script is the text of a file beside the models.
func script(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(models, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// beginsLoop fails the test unless text is how the endless model's answer
// begins.
func beginsLoop(t *testing.T, text string) {
	t.Helper()
	piece := script(t, "script.txt")
	if text == "" || !strings.HasPrefix(strings.Repeat(piece, len(text)/len(piece)+1), openCode(text)) {
		t.Errorf("no beginning of the answer: %q", text)
	}
}

// openCode returns text without the line that closes the block of code in which an
// answer was cut.
func openCode(text string) string {
	return strings.TrimRight(strings.TrimSuffix(text, "```"), "\n")
}
