//go:build e2e

package e2e

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/test/process"
)

// frame is message as it goes over LSP's base protocol.
func frame(message string) string {
	return fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(message), message)
}

const (
	initialize = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"processId":null,"rootUri":null,"capabilities":{}}}`
	shutdown   = `{"jsonrpc":"2.0","id":2,"method":"shutdown"}`
	exit       = `{"jsonrpc":"2.0","method":"exit"}`
)

func TestServerExitCodes(t *testing.T) {
	tests := []struct {
		name     string
		args     []string
		messages []string // after initialize
		code     int
	}{
		{"shutdown and exit", nil, []string{shutdown, exit}, 0},
		{"exit alone", []string{"serve"}, []string{exit}, 1},
		{"--stdio", []string{"--stdio"}, []string{shutdown, exit}, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := llmls.Home(t, "http://"+completiontest.NowhereAddress(t), "").Start(t, test.args...)
			send(t, c, initialize)
			process.Eventually(t, process.Patience, "initialize is answered", func() bool {
				return strings.Contains(c.Stdout.String(), `"capabilities"`)
			})
			send(t, c, test.messages...)
			c.EndsWithin(process.Patience)
			c.Exits(test.code)
		})
	}
}

func TestServerEndsWithItsInput(t *testing.T) {
	c := llmls.Home(t, "http://"+completiontest.NowhereAddress(t), "").Start(t)
	send(t, c, initialize)
	process.Eventually(t, process.Patience, "initialize is answered", func() bool {
		return strings.Contains(c.Stdout.String(), `"capabilities"`)
	})
	if err := c.Stdin.Close(); err != nil {
		t.Fatal(err)
	}
	c.EndsWithin(time.Second)
}

// send writes messages to the server as frames.
func send(t *testing.T, c *process.Command, messages ...string) {
	t.Helper()
	for _, message := range messages {
		if _, err := io.WriteString(c.Stdin, frame(message)); err != nil {
			t.Fatal(err)
		}
	}
}
