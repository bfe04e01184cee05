// Package lsptest starts language servers for tests and records what they send.
package lsptest

import (
	"context"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest"

	"github.com/llmls/llmls/internal/access"
	"github.com/llmls/llmls/internal/lsp"
	"github.com/llmls/llmls/internal/lsp/editor"
	"github.com/llmls/llmls/internal/prompts"
	"github.com/llmls/llmls/internal/settings"
	"github.com/llmls/llmls/internal/state"
)

// Patience is how long a test waits for something that must happen. Only a test that
// fails waits for that long.
const Patience = 20 * time.Second

// Options are what differs between sessions.
type Options struct {
	Env   map[string]string // the whole environment, but for a home of its own
	Log   *zap.Logger       // nil logs to the test
	Reply func(editor.Message) any
	// Wrap, if set, stands between the server and the wire.
	Wrap func(io.ReadWriteCloser) io.ReadWriteCloser
}

// A Session is an editor that watches one server.
type Session struct {
	*editor.Editor
	Wire io.ReadWriteCloser // the editor's end, to send what no editor would

	t    testing.TB
	exit chan int // of a server in this process

	mu       sync.Mutex
	seen     []editor.Message
	more     chan struct{} // closed and replaced with each message
	consumed int
}

// Start starts a server in this process that knows nothing but options. They
// are connected by a pipe without a buffer: what the editor does not read
// blocks the server. It ends with the test, which fails if the server does not.
func Start(t testing.TB, options Options) *Session {
	t.Helper()
	home := t.TempDir()
	lookup := func(name string) (string, bool) {
		if name == "HOME" || name == "XDG_CONFIG_HOME" {
			return filepath.Join(home, name), true
		}
		value, ok := options.Env[name]
		return value, ok
	}
	log := options.Log
	if log == nil {
		log = zaptest.NewLogger(t, zaptest.Level(zap.WarnLevel))
	}
	mine, theirs := net.Pipe()
	var wire io.ReadWriteCloser = theirs
	if options.Wrap != nil {
		wire = options.Wrap(wire)
	}
	exit := make(chan int, 1)
	go func() {
		exit <- lsp.Serve(context.Background(), wire, &lsp.Options{
			Version: "test", Log: log, Level: zap.NewAtomicLevel(),
			Access: access.New(lookup), State: state.New(lookup), Prompts: prompts.Dir(settings.Path(lookup)),
			User: func() ([]settings.Layer, []settings.Problem) { return settings.LoadUser(lookup) },
		})
	}()
	s := Attach(t, mine, options.Reply)
	s.exit = exit
	t.Cleanup(func() {
		_ = s.Close()
		s.Exit()
	})
	return s
}

// Attach connects an editor to a server that runs already; wire is the editor's
// end. reply, if not nil, answers the server's requests.
func Attach(t testing.TB, wire io.ReadWriteCloser, reply func(editor.Message) any) *Session {
	s := &Session{t: t, Wire: wire, more: make(chan struct{})}
	s.Editor = editor.Connect(wire, s.see, reply)
	return s
}

func (s *Session) see(m editor.Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = append(s.seen, m)
	close(s.more)
	s.more = make(chan struct{})
}

// Exit waits for the end of a server that Start started and returns its exit
// code.
func (s *Session) Exit() int {
	s.t.Helper()
	select {
	case code := <-s.exit:
		s.exit <- code
		return code
	case <-time.After(Patience):
		s.t.Error("the server did not end")
		return -1
	}
}

// Seen returns all messages so far, in the order of the wire.
func (s *Session) Seen() []editor.Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.seen)
}

// Await waits for the next message that match accepts, and returns it. Later calls begin
// behind it: they do not see the messages that this call skipped.
func (s *Session) Await(what string, match func(editor.Message) bool) editor.Message {
	s.t.Helper()
	deadline := time.After(Patience)
	for {
		s.mu.Lock()
		for s.consumed < len(s.seen) {
			m := s.seen[s.consumed]
			s.consumed++
			if match(m) {
				s.mu.Unlock()
				return m
			}
		}
		more := s.more
		s.mu.Unlock()
		select {
		case <-more:
		case <-s.Done():
			s.t.Fatalf("the server ended before %s came: %v", what, s.Err())
		case <-deadline:
			s.t.Fatalf("%s did not come", what)
		}
	}
}

// AwaitMethod waits for the next request or notification with that method.
func (s *Session) AwaitMethod(method string) editor.Message {
	s.t.Helper()
	return s.Await(method, func(m editor.Message) bool { return m.Method == method })
}

// Initialized does the handshake with these capabilities, JSON, and "" for none.
func (s *Session) Initialized(capabilities string, folders ...string) jsontext.Value {
	s.t.Helper()
	if capabilities == "" {
		capabilities = "{}"
	}
	list := []map[string]string{}
	for _, dir := range folders {
		list = append(list, map[string]string{"uri": URI(dir), "name": filepath.Base(dir)})
	}
	result, err := s.Initialize(s.Context(), map[string]any{
		"processId": nil, "rootUri": nil, "workspaceFolders": list,
		"capabilities": jsontext.Value(capabilities),
	})
	if err != nil {
		s.t.Fatalf("initialize: %v", err)
	}
	return result
}

// Context ends with Patience.
func (s *Session) Context() context.Context {
	ctx, cancel := context.WithTimeout(s.t.Context(), Patience)
	s.t.Cleanup(cancel)
	return ctx
}

// Must fails the test on an error: Must(session.Notify(…)).
func (s *Session) Must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// Open opens a document, version 1.
func (s *Session) Open(uri, language, text string) {
	s.t.Helper()
	s.Must(s.Notify("textDocument/didOpen", map[string]any{
		"textDocument": map[string]any{"uri": uri, "languageId": language, "version": 1, "text": text},
	}))
}

// Command runs a command and decodes its result.
func (s *Session) Command(command string, argument, result any) error {
	s.t.Helper()
	return s.Call(s.Context(), "workspace/executeCommand", Command(command, argument), result)
}

// StartCommand is Command without waiting for the result.
func (s *Session) StartCommand(command string, argument any) *editor.Pending {
	s.t.Helper()
	pending, err := s.Start("workspace/executeCommand", Command(command, argument))
	s.Must(err)
	return pending
}

// Streamed returns the text that has come under token, by its kind, and fails
// the test unless its values were numbered from 0.
func (s *Session) Streamed(token string) map[string]string {
	s.t.Helper()
	texts := map[string]*strings.Builder{}
	next := 0
	for _, m := range s.Seen() {
		if m.Method != "$/progress" {
			continue
		}
		var p struct {
			Token any `json:"token"`
			Value struct {
				Kind string `json:"kind"`
				Text string `json:"text"`
				Seq  *int   `json:"seq"`
			} `json:"value"`
		}
		s.Must(json.Unmarshal(m.Params, &p))
		if p.Token != token {
			continue
		}
		if p.Value.Seq == nil || *p.Value.Seq != next {
			s.t.Errorf("after %d values of %s came %.200s", next, token, m.Params)
		}
		next++
		if texts[p.Value.Kind] == nil {
			texts[p.Value.Kind] = &strings.Builder{}
		}
		texts[p.Value.Kind].WriteString(p.Value.Text)
	}
	all := map[string]string{}
	for kind, text := range texts {
		all[kind] = text.String()
	}
	return all
}

// Command returns the parameters that execute a command.
func Command(command string, argument any) map[string]any {
	return map[string]any{"command": command, "arguments": []any{argument}}
}

// Range returns an LSP range.
func Range(startLine, startCharacter, endLine, endCharacter int) map[string]any {
	at := func(line, character int) map[string]int { return map[string]int{"line": line, "character": character} }
	return map[string]any{"start": at(startLine, startCharacter), "end": at(endLine, endCharacter)}
}

// URI returns the file URI of a path without anything to escape.
func URI(path string) string { return fmt.Sprintf("file://%s", filepath.ToSlash(path)) }
