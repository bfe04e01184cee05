package lsptest

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/internal/lsp/editor"
)

// A Starter starts a server whose endpoint is baseURL and connects an editor.
type Starter func(t *testing.T, baseURL string) *Session

// nowhere is an endpoint to which no request must go.
const nowhere = "http://127.0.0.1:1"

// BadInput sends invalid messages to servers from start, and fails the test unless each
// of them answers as LSP says and still works afterwards. The tests run it against a
// server in their own process and against a process of its own.
func BadInput(t *testing.T, start Starter) {
	for name, check := range map[string]func(*testing.T, Starter){
		"requests": badRequests, "notifications": badNotifications, "frames": badFrames, "headers": oddHeaders,
		"lifecycle": badOrder, "positions": badPositions, "documents": divergedDocument, "text": invalidText,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, start)
		})
	}
}

// code returns the code of a failed request, 0 if it did not fail.
func code(t *testing.T, err error) int {
	t.Helper()
	var failed *editor.Error
	switch {
	case err == nil:
		return 0
	case !errors.As(err, &failed):
		t.Fatalf("no answer: %v", err)
	}
	return failed.Code
}

// Works sends a good request, and returns its error.
func (s *Session) Works() error {
	return s.Call(s.Context(), "textDocument/codeAction", map[string]any{
		"textDocument": map[string]any{"uri": "file:///p/a.go"}, "range": Range(0, 0, 0, 1),
		"context": map[string]any{"diagnostics": []any{}},
	}, nil)
}

// badNotifications checks that a notification that cannot be decoded does not end
// the connection: jsonrpc2 closes it if a handler returns an error.
func badNotifications(t *testing.T, start Starter) {
	s := start(t, nowhere)
	s.Initialized("")
	for _, method := range []string{
		"initialized", "textDocument/didOpen", "textDocument/didChange", "textDocument/didClose", "workspace/didChangeConfiguration",
		"workspace/didChangeWorkspaceFolders", "window/workDoneProgress/cancel", "$/cancelRequest", "$/setTrace", "nope", "$/nope", "shutdown",
	} {
		for _, params := range []string{`null`, `{}`, `[]`, `5`, `{"textDocument":5}`, `{"textDocument":{"uri":"file:///p/a.go","version":null},"contentChanges":[{"range":{"start":{"line":-1,"character":0}},"text":"x"}]}`, `{"id":{}}`, `{"token":[]}`, `{"settings":5}`, `{"event":null}`} {
			s.Must(s.Notify(method, jsontext.Value(params)))
		}
	}
	s.Must(s.Works())
}

func frame(body string) string { return fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body) }

// badFrames checks that frames that are no messages are answered, and that the
// messages behind them are read.
func badFrames(t *testing.T, start Starter) {
	s := start(t, nowhere)
	s.Initialized("")
	for _, tt := range []struct {
		wire string
		code int
	}{
		{"Content-Length: 9\r\n\r\nnot JSON!", -32700},
		{"Content-Length: 11\r\n\r\n{\"jsonrpc\":", -32700},
		{"Content-Length: 2\r\n\r\n{}", -32600},
		{"Content-Length: 2\r\n\r\n[]", -32600},
		{frame(`{"jsonrpc":"2.0","id":null,"method":"textDocument/hover","params":{}}`), -32600},
		{frame(`{"jsonrpc":"2.0","method":"workspace/executeCommand","params":{"command":"llmls.stop"}, "id" : null }`), -32600},
		{frame(`{"jsonrpc":"2.0","method":"shutdown","id":null}`), -32600},
		{frame(`{"jsonrpc":"2.0","\u0069d":7,"method":"nope"}`), -32600},
		{frame(`{"jsonrpc":"2.0","method":"nope","i\u0064":null}`), -32600},
		{frame(`{"jsonrpc":"2.0","method":"nope","id":1.5}`), -32600},
		{frame(`{"jsonrpc":"2.0","method":"nope","id":1e3}`), -32600},
		{frame(`{"jsonrpc":"2.0","method":"nope","id":true}`), -32600},
		{frame(`{"jsonrpc":"2.0","method":"nope","id":[1]}`), -32600},
		{frame(`{"jsonrpc":"2.0","method":"nope","id":{}}`), -32600},
		{frame(`{"jsonrpc":"2.0","method":"nope","id":99999999999999999999}`), -32600},
		{frame(`{"jsonrpc":"1.0","method":"nope","id":7}`), -32600},
		{frame(`{"jsonrpc":"2.0","method":null,"id":7}`), -32600},
		{frame(`{"jsonrpc":"2.0","method":"nope","id":"` + strings.Repeat("x", 2000) + `"}`), -32600},
		{frame(`{"jsonrpc":"2.0","id":1,"method":"` + strings.Repeat("x", 2000) + `"}`), -32600},
		{frame(`{"jsonrpc":"2.0","method":"` + strings.Repeat("x", 2000) + `"}`), -32600},
		{"Content-Length: -2\r\n\r\n", -32600},
		{"Content-Length: 9999999999\r\n\r\n{}", -32600},
		{"Content-Length: 33554433\r\n\r\n{}", -32600},
		{"Content-Length: 0\r\n\r\n", -32600},
		{"Content-Length: 99999999999999999999999999\r\n\r\n{}", -32600},
		{"Content-Length: two\r\n\r\n{}", -32600},
		{"Content-Type: text/plain\r\n\r\n{}", -32600},
		{"X-Long: " + strings.Repeat("x", 9000) + "\r\n\r\n{}", -32600},
		{"Content-Length: 77\r\n\r\n[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"a\"},{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"b\"}]", -32600},
	} {
		before := len(s.Seen())
		if _, err := s.Wire.Write([]byte(tt.wire)); err != nil {
			t.Fatal(err)
		}
		s.Must(s.Works())
		answered := slices.ContainsFunc(s.Seen()[before:], func(m editor.Message) bool {
			return m.Error != nil && m.Error.Code == tt.code && string(m.ID) == "null"
		})
		if !answered {
			t.Errorf("%q was answered with %v", tt.wire, s.Seen()[before:])
		}
	}
}

// divergedDocument checks that a client that changes a document which is not open,
// or counts versions backwards, gets no text explained that may differ from its
// own, and gets the document back when it opens it again. It is told once if the
// document was open.
func divergedDocument(t *testing.T, start Starter) {
	s := start(t, nowhere)
	s.Initialized("")
	const uri = "file:///p/a.go"
	explain := map[string]any{"uri": uri, "range": Range(0, 0, 0, 0), "dryRun": true}
	lost := func() {
		t.Helper()
		if err := s.Command("llmls.explain", explain, nil); code(t, err) != -32803 || !strings.Contains(err.Error(), "open it again") {
			t.Errorf("explained a document that cannot be trusted: %v", err)
		}
	}
	change := func(version int) {
		t.Helper()
		s.Must(s.Notify("textDocument/didChange", map[string]any{
			"textDocument":   map[string]any{"uri": uri, "version": version},
			"contentChanges": []any{map[string]any{"range": Range(0, 0, 0, 1), "text": "x"}},
		}))
	}
	fresh := func() {
		t.Helper()
		s.Open(uri, "go", "package fresh\n")
		var dry struct{ Body string }
		s.Must(s.Command("llmls.explain", explain, &dry))
		if !strings.Contains(dry.Body, "package fresh") {
			t.Errorf("the request is %s", dry.Body)
		}
	}
	change(2)
	change(2)
	lost()
	fresh()
	s.Must(s.Notify("textDocument/didClose", map[string]any{"textDocument": map[string]any{"uri": uri}}))
	change(3)
	lost()
	fresh()
	change(-1)
	s.AwaitMethod("window/showMessage")
	change(-2)
	lost()
	fresh()
	told := 0
	for _, m := range s.Seen() {
		if m.Method == "window/showMessage" && strings.Contains(string(m.Params), "lost track") {
			told++
		}
	}
	if told != 1 {
		t.Errorf("told %d times", told)
	}
}

// invalidText checks that invalid Unicode from the editor and the endpoint is
// accepted, and that each frame and each prompt is valid UTF-8 without a lone
// surrogate.
func invalidText(t *testing.T, start Starter) {
	const lone, invalid = `\ud83d`, "\xff\xc3"
	u := completiontest.NewUpstream(t)
	u.Script(
		completiontest.Event(`{"choices":[{"delta":{"content":"a`+lone+invalid+`b"}}]}`),
		completiontest.Event(`{"choices":[{"delta":{"reasoning_content":"`+lone+invalid+`"}}]}`),
		completiontest.Event(`{"error":{"message":"`+lone+invalid+` failed"}}`),
	)
	s := start(t, u.URL)
	s.Initialized(`{"window":{"workDoneProgress":true}}`)
	text := "x" + lone + invalid + "y"
	raw := strings.NewReplacer("§", text)
	s.Must(s.Send("%s", raw.Replace(`{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":{"uri":"file:///p/a.go","languageId":"§","version":1,"text":"§\n§"}}}`)))
	for id, argument := range []string{
		`{"uri":"file:///p/a.go","question":"§?","dryRun":true}`,
		`{"uri":"file:///p/a.go","question":"§?","partialResultToken":"§"}`,
		`{"uri":"file:///p/§","question":"§?","dryRun":true}`,
		`{"question":"§?","conversation":"§"}`,
		`{"§":"§"}`, `"§"`,
	} {
		s.Must(s.Send(`{"jsonrpc":"2.0","id":%d,"method":"workspace/executeCommand","params":{"command":"llmls.ask","arguments":[%s]}}`, 1000+id, raw.Replace(argument)))
		s.Await(argument, func(m editor.Message) bool { return string(m.ID) == strconv.Itoa(1000+id) })
	}
	s.Must(s.Send("%s", raw.Replace(`{"jsonrpc":"2.0","id":2000,"method":"textDocument/codeAction","params":{"textDocument":{"uri":"file:///p/a.go"},"range":{"start":{"line":0,"character":0},"end":{"line":1,"character":0}},"context":{"diagnostics":[{"range":{"start":{"line":0,"character":0},"end":{"line":1,"character":0}},"message":"§","source":"§"}]}}}`)))
	s.Await("code actions", func(m editor.Message) bool { return string(m.ID) == "2000" })
	s.Must(s.Send("%s", raw.Replace(`{"jsonrpc":"2.0","id":"§","method":"§"}`)))
	s.Must(s.Send("%s", raw.Replace(`{"jsonrpc":"2.0","method":"workspace/didChangeConfiguration","params":{"settings":{"§":"§","model":"§"}}}`)))
	s.Must(s.Command("llmls.answers", map[string]any{}, nil))
	s.Must(s.Works())
	u.Next()
	checked := 0
	for _, m := range s.Seen() {
		all := string(m.ID) + string(m.Params) + string(m.Result)
		if m.Error != nil {
			all += m.Error.Message + string(m.Error.Data)
		}
		if !utf8.ValidString(all) || strings.Contains(strings.ToLower(all), lone) {
			t.Errorf("sent %q", all)
		}
		checked += strings.Count(all, "\ufffd")
	}
	if checked == 0 {
		t.Error("nothing of it came through")
	}
	for _, r := range u.Requests() {
		if !utf8.Valid(r.Body) || strings.Contains(strings.ToLower(string(r.Body)), lone) {
			t.Errorf("asked %q", r.Body)
		}
	}
}

// oddHeaders checks that a header is read in any letter case, spacing and order.
func oddHeaders(t *testing.T, start Starter) {
	s := start(t, nowhere)
	s.Initialized("")
	for id, header := range []string{
		"Content-Length: %d\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n",
		"Content-Type: application/vscode-jsonrpc; charset=utf8\r\nContent-Length: %d\r\n\r\n",
		"content-length:%d\r\n\r\n", "CONTENT-LENGTH  :   %d  \r\n\r\n", "Content-Length: %d\n\n", "X-Other: 1\r\nContent-Length:\t%d\r\n\r\n",
	} {
		body := fmt.Sprintf(`{"jsonrpc":"2.0","id":"header %d","method":"nope"}`, id)
		if _, err := fmt.Fprintf(s.Wire, header+"%s", len(body), body); err != nil {
			t.Fatal(err)
		}
		m := s.Await(header, func(m editor.Message) bool { return strings.Contains(string(m.ID), "header") })
		if m.Error == nil || m.Error.Code != -32601 || string(m.ID) != fmt.Sprintf(`"header %d"`, id) {
			t.Errorf("%q was answered with %v, id %s", header, m.Error, m.ID)
		}
	}
	s.Must(s.Works())
}

// badOrder sends messages that come too early, twice or too late.
func badOrder(t *testing.T, start Starter) {
	s := start(t, nowhere)
	refused := func(method string, want int) {
		t.Helper()
		if got := code(t, s.Call(s.Context(), method, map[string]any{}, nil)); got != want {
			t.Errorf("%s: code %d, want %d", method, got, want)
		}
	}
	for _, method := range []string{"shutdown", "workspace/executeCommand", "nope"} {
		refused(method, -32002)
	}
	s.Must(s.Notify("textDocument/didOpen", map[string]any{}))
	s.Must(s.Notify("initialize", map[string]any{}))
	if got := code(t, s.Call(s.Context(), "initialize", jsontext.Value(`[1]`), nil)); got != -32602 {
		t.Errorf("initialize with a list: code %d", got)
	}
	s.Initialized("")
	refused("initialize", -32600)
	s.Must(s.Works())
	s.Must(s.Call(s.Context(), "shutdown", nil, nil))
	for _, method := range []string{"shutdown", "initialize", "workspace/executeCommand", "nope"} {
		refused(method, -32600)
	}
	s.Must(s.Notify("textDocument/didOpen", map[string]any{}))
}

// badPositions checks that a range is clamped, turned and rounded to characters as
// LSP says, and never selects other text without an error.
func badPositions(t *testing.T, start Starter) {
	s := start(t, nowhere)
	s.Initialized("")
	const uri = "untitled:a"
	s.Open(uri, "go", "a🎉b\nsecond\nlast")
	for _, tt := range []struct {
		name   string
		where  map[string]any
		has    string // the prompt
		hasNot string
	}{
		{"past the end of the line", Range(1, 0, 1, 99), "second", ""},
		{"past the end of the document", Range(2, 0, 99, 99), "last", ""},
		{"far past it", Range(1<<31-1, 1<<31-1, 1<<31-1, 1<<31-1), "last", ""},
		{"reversed", Range(1, 6, 1, 0), "second", ""},
		{"inside a surrogate pair", Range(0, 2, 0, 4), "🎉b", ""},
		{"to the inside of one", Range(0, 0, 0, 2), "a", `\ud83c`},
	} {
		var dry struct{ Body string }
		err := s.Command("llmls.explain", map[string]any{"uri": uri, "range": tt.where, "dryRun": true}, &dry)
		if err != nil || !strings.Contains(dry.Body, tt.has) || tt.hasNot != "" && strings.Contains(dry.Body, tt.hasNot) || !utf8.ValidString(dry.Body) {
			t.Errorf("%s: %q, %v", tt.name, dry.Body, err)
		}
	}
	// An edit there cannot be followed: the person is told, and nothing is
	// explained before the text is there again.
	for version, edit := range []string{
		`{"textDocument":{"uri":"untitled:a","version":%d},"contentChanges":[{"range":{"start":{"line":0,"character":2},"end":{"line":0,"character":4}},"text":"x"}]}`,
		`{"textDocument":{"uri":"untitled:a","version":-%d},"contentChanges":[{"text":"x"}]}`,
		`{"textDocument":{"uri":"untitled:a","version":%d},"contentChanges":[{"range":{"start":{"line":0}},"text":"x"}]}`,
	} {
		s.Must(s.Notify("textDocument/didChange", jsontext.Value(fmt.Sprintf(edit, version+2))))
		s.Await(edit, func(m editor.Message) bool { return strings.Contains(string(m.Params), "open it again") })
		explain := map[string]any{"uri": uri, "range": Range(0, 0, 0, 0), "dryRun": true}
		if got := code(t, s.Command("llmls.explain", explain, nil)); got != -32803 {
			t.Errorf("%s: code %d", edit, got)
		}
		s.Must(s.Notify("textDocument/didClose", map[string]any{"textDocument": map[string]any{"uri": uri}}))
		s.Open(uri, "go", "a🎉b")
		s.Must(s.Command("llmls.explain", explain, nil))
	}
	// A reversed edit is turned.
	s.Must(s.Notify("textDocument/didChange", map[string]any{
		"textDocument":   map[string]any{"uri": uri, "version": 2},
		"contentChanges": []any{map[string]any{"range": Range(0, 4, 0, 3), "text": "turned"}},
	}))
	var dry struct{ Body string }
	s.Must(s.Command("llmls.explain", map[string]any{"uri": uri, "range": Range(0, 0, 0, 0), "dryRun": true}, &dry))
	if !strings.Contains(dry.Body, "a🎉turned") {
		t.Errorf("the request is %s", dry.Body)
	}
}
