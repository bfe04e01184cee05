//go:build e2e

package e2e

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
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
			c := newHome(t, "http://"+freeAddress(t)).start(t, test.args...)
			c.sends(initialize)
			eventually(t, patience, "initialize is answered", func() bool {
				return strings.Contains(c.stdout.text(), `"capabilities"`)
			})
			c.sends(test.messages...)
			c.endsWithin(patience)
			c.exits(test.code)
		})
	}
}

func TestServerEndsWithItsInput(t *testing.T) {
	c := newHome(t, "http://"+freeAddress(t)).start(t)
	c.sends(initialize)
	eventually(t, patience, "initialize is answered", func() bool {
		return strings.Contains(c.stdout.text(), `"capabilities"`)
	})
	if err := c.stdin.Close(); err != nil {
		t.Fatal(err)
	}
	c.endsWithin(time.Second)
}

// sends writes messages to the server as frames.
func (c *command) sends(messages ...string) {
	c.t.Helper()
	for _, message := range messages {
		if _, err := io.WriteString(c.stdin, frame(message)); err != nil {
			c.t.Fatal(err)
		}
	}
}
