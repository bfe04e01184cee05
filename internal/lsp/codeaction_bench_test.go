package lsp_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	"github.com/llmls/llmls/internal/access"
	"github.com/llmls/llmls/internal/lsp"
	"github.com/llmls/llmls/internal/settings"
	"github.com/llmls/llmls/internal/state"
)

// The menu of a line, over the wire, with prompts of the person's own and without.
func BenchmarkCodeAction(b *testing.B) {
	for _, n := range []int{0, 200} {
		b.Run(fmt.Sprintf("prompts=%d", n), func(b *testing.B) {
			home := b.TempDir()
			old := time.Now().Add(-time.Hour)
			for i := range n {
				path := filepath.Join(home, fmt.Sprintf("p%d.md", i))
				if err := os.WriteFile(path, []byte("---\ntitle: T\n---\n"+strings.Repeat("word ", 200)), 0o600); err != nil {
					b.Fatal(err)
				}
				if err := os.Chtimes(path, old, old); err != nil {
					b.Fatal(err)
				}
			}
			lookup := func(name string) (string, bool) { return home, strings.HasPrefix(name, "XDG_") }
			in, editor := io.Pipe()
			m := &menuPipe{PipeReader: in, menus: make(chan struct{})}
			ended := make(chan int)
			go func() {
				ended <- lsp.Serve(context.Background(), m, &lsp.Options{
					Log: zap.NewNop(), Level: zap.NewAtomicLevel(), Access: access.New(lookup), State: state.New(lookup), Prompts: home,
					User: func() ([]settings.Layer, []settings.Problem) { return settings.LoadUser(lookup) },
				})
			}()
			send := func(body string) {
				if _, err := fmt.Fprintf(editor, "Content-Length: %d\r\n\r\n%s", len(body), body); err != nil {
					b.Fatal(err)
				}
			}
			send(`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"processId":null,"rootUri":null,"capabilities":{}}}`)
			send(`{"jsonrpc":"2.0","method":"initialized","params":{}}`)
			send(`{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":{"uri":"file:///p/a.go","languageId":"go","version":1,"text":"package a\n"}}}`)
			id := 1
			for b.Loop() {
				id++
				send(fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"textDocument/codeAction","params":{"textDocument":{"uri":"file:///p/a.go"},"range":{"start":{"line":0,"character":0},"end":{"line":0,"character":0}},"context":{"diagnostics":[]}}}`, id))
				<-m.menus
			}
			_ = editor.Close()
			<-ended
		})
	}
}

// menuPipe is the server's standard input and output.
type menuPipe struct {
	*io.PipeReader
	menus chan struct{} // one value for each
}

func (p *menuPipe) Write(frame []byte) (int, error) {
	if bytes.Contains(frame, []byte("Ask about line")) {
		p.menus <- struct{}{}
	}
	return len(frame), nil
}
