package editors_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/textproto"
	"os"
	"strconv"
	"testing"
)

// otherServer is the first argument of this program when it is the language's own
// server, beside which llmls has to run; the second is the file that its log goes to.
const otherServer = "other-server"

func thisProgram(t *testing.T) string {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// serveOther knows one code action, and fails for every command but its own.
func serveOther(log string) {
	file, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		panic(err)
	}
	defer file.Close()
	in := bufio.NewReader(os.Stdin)
	for {
		header, err := textproto.NewReader(in).ReadMIMEHeader()
		if err != nil {
			return
		}
		length, err := strconv.Atoi(header.Get("Content-Length"))
		if err != nil {
			return
		}
		body := make([]byte, length)
		if _, err := io.ReadFull(in, body); err != nil {
			return
		}
		var message struct {
			ID     json.RawMessage `json:"id"`
			Method string          `json:"method"`
			Params struct {
				Command string `json:"command"`
			} `json:"params"`
		}
		if err := json.Unmarshal(body, &message); err != nil {
			return
		}
		fmt.Fprintln(file, message.Method, message.Params.Command)
		if message.ID == nil || message.Method == "" {
			continue
		}
		reply := `"result":null`
		switch {
		case message.Method == "initialize":
			reply = `"result":{"capabilities":{"textDocumentSync":1,"codeActionProvider":true,"executeCommandProvider":{"commands":["other.fix"]}}}`
		case message.Method == "textDocument/codeAction":
			reply = `"result":[{"title":"Fix it","kind":"quickfix","command":{"title":"Fix it","command":"other.fix"}}]`
		case message.Params.Command != "" && message.Params.Command != "other.fix":
			reply = `"error":{"code":-32601,"message":"other-server has no such command"}`
		}
		text := fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,%s}`, message.ID, reply)
		fmt.Printf("Content-Length: %d\r\n\r\n%s", len(text), text)
	}
}
