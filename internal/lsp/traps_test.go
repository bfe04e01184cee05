package lsp_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/llmls/llmls/internal/access"
	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/internal/lsp"
	"github.com/llmls/llmls/internal/lsp/editor"
	"github.com/llmls/llmls/internal/lsp/lsptest"
	"github.com/llmls/llmls/internal/settings"
)

const doc = "file:///p/a.go"

// dryRun is the argument of a command about the first line of doc that sends
// nothing.
func dryRun(version int) map[string]any {
	argument := map[string]any{"uri": doc, "range": lsptest.Range(0, 0, 1, 0), "dryRun": true}
	if version > 0 {
		argument["version"] = version
	}
	return argument
}

// change is the notification that makes text the whole of doc.
func change(version int, text string) map[string]any {
	return map[string]any{
		"textDocument":   map[string]any{"uri": doc, "version": version},
		"contentChanges": []any{map[string]any{"text": text}},
	}
}

var local = map[string]string{"OPENAI_BASE_URL": "http://127.0.0.1:1"}

// protocol.NewServer makes every message concurrent, so that edits overtake
// each other: 3 of 2,000 did. Here each command sees the text that stood before
// it on the wire, and no other.
func TestCommandsSeeTheirOwnText(t *testing.T) {
	const edits = 2000
	s := lsptest.Start(t, lsptest.Options{Env: local})
	s.Initialized("")
	s.Open(doc, "go", "text_1_\n")
	var pending [edits + 2]*editor.Pending
	for version := 2; version <= edits+1; version++ {
		s.Must(s.Notify("textDocument/didChange", change(version, fmt.Sprintf("text_%d_\n", version))))
		pending[version] = s.StartCommand("llmls.explain", dryRun(version))
	}
	for version := 2; version <= edits+1; version++ {
		var dry struct{ Body string }
		if err := pending[version].Wait(s.Context(), &dry); err != nil || !strings.Contains(dry.Body, fmt.Sprintf("text_%d_", version)) {
			t.Fatalf("version %d: %v %s", version, err, dry.Body)
		}
	}
}

// What outlives a message must not lie in its buffer, which the next ones fill.
// With the tag jsonrpc2poison, released requests are scribbled over besides.
func TestTextOutlivesItsMessage(t *testing.T) {
	s := lsptest.Start(t, lsptest.Options{Env: local})
	s.Initialized("")
	text := strings.Repeat("precious ", 100) + "\n"
	s.Open(doc, "precious_language", text)
	for i := range 100 {
		s.Must(s.Notify("textDocument/didOpen", map[string]any{"textDocument": map[string]any{
			"uri": fmt.Sprintf("file:///p/%d", i), "languageId": "other", "version": 1, "text": strings.Repeat("XXXXXXXX ", 120),
		}}))
	}
	var dry struct{ Body string }
	s.Must(s.Command("llmls.explain", dryRun(1), &dry))
	if !strings.Contains(dry.Body, strings.TrimSpace(text)) || !strings.Contains(dry.Body, "precious_language") || strings.Contains(dry.Body, "XXXX") {
		t.Errorf("the text became %s", dry.Body)
	}
}

// A context derived from a request that is still on the wire loop crashed the
// process within milliseconds. This is also where the race detector looks.
func TestStormOfRequestsAndCancels(t *testing.T) {
	u := completiontest.NewUpstream(t)
	s := lsptest.Start(t, lsptest.Options{Env: map[string]string{"OPENAI_BASE_URL": u.URL}})
	s.Initialized("")
	s.Open(doc, "go", "package a\n")
	const storm = 500
	var pending []*editor.Pending
	send := func(method string, params any) {
		p, err := s.Start(method, params)
		s.Must(err)
		pending = append(pending, p)
	}
	for i := range storm {
		send("workspace/executeCommand", lsptest.Command("llmls.explain", dryRun(0)))
		send("textDocument/codeAction", map[string]any{
			"textDocument": map[string]any{"uri": doc}, "range": lsptest.Range(0, 0, 0, 1), "context": map[string]any{"diagnostics": []any{}},
		})
		send("nope", nil)
		if i%10 == 0 {
			send("workspace/executeCommand", lsptest.Command("llmls.explain", map[string]any{
				"uri": doc, "range": lsptest.Range(0, 0, 1, 0), "partialResultToken": i,
			}))
		}
		for _, p := range pending[max(0, len(pending)-3):] {
			s.Must(p.Cancel())
		}
		s.Must(s.Notify("$/cancelRequest", map[string]any{"id": "never sent"}))
	}
	for _, p := range pending {
		switch got := code(t, p.Wait(s.Context(), nil)); got {
		case 0, -32800, -32601:
		default:
			t.Errorf("code %d", got)
		}
	}
	s.Must(s.Works())
}

// A cancelled call was answered with code 0.
func TestCancelledCode(t *testing.T) {
	u := completiontest.NewUpstream(t)
	u.Script(completiontest.Stall())
	s := lsptest.Start(t, lsptest.Options{Env: map[string]string{"OPENAI_BASE_URL": u.URL}})
	s.Initialized("")
	s.Open(doc, "go", "package a\n")
	pending := s.StartCommand("llmls.explain", map[string]any{
		"uri": doc, "range": lsptest.Range(0, 0, 1, 0), "partialResultToken": 1,
	})
	request := u.Next()
	s.Must(pending.Cancel())
	if got := code(t, pending.Wait(s.Context(), nil)); got != -32800 {
		t.Errorf("code %d", got)
	}
	request.WaitDone(t)
}

// The context of a request ends with it; an answer in the background does not.
func TestBackgroundOutlivesItsRequest(t *testing.T) {
	u := completiontest.NewUpstream(t)
	u.Script(completiontest.Delta("a"), completiontest.Pause("answered"), completiontest.Answer("b"))
	s := lsptest.Start(t, lsptest.Options{Env: map[string]string{"OPENAI_BASE_URL": u.URL}})
	s.Initialized("")
	s.Open(doc, "go", "package a\n")
	pending, err := s.Start("workspace/executeCommand", map[string]any{
		"command": "llmls.explain", "arguments": []any{map[string]any{"uri": doc, "range": lsptest.Range(0, 0, 1, 0)}}, "workDoneToken": "w",
	})
	s.Must(err)
	s.Must(pending.Wait(s.Context(), nil))
	s.Must(pending.Cancel()) // too late: it was answered
	u.WaitPaused("answered")
	u.Resume("answered")
	s.Await("the end", func(m editor.Message) bool { return strings.Contains(string(m.Params), `"kind":"end"`) })
	var answers []struct{ Text, FinishReason string }
	s.Must(s.Command("llmls.answers", map[string]any{}, &answers))
	if len(answers) != 1 || answers[0].Text != "ab" || answers[0].FinishReason != "stop" {
		t.Errorf("answers: %v", answers)
	}
}

// silent answers no request of the server until the test is over.
func silent(t *testing.T) func(editor.Message) any {
	return func(editor.Message) any {
		<-t.Context().Done()
		return nil
	}
}

const pulls = `{"workspace":{"configuration":true,"didChangeConfiguration":{"dynamicRegistration":true}},"window":{"workDoneProgress":true}}`

// A call to the client from the wire loop would wait for ever, because nobody
// would read the answer. A client that answers late, never or with an error
// gets the settings of the user.
func TestClientThatKeepsItsSettings(t *testing.T) {
	for name, reply := range map[string]func(editor.Message) any{
		"never":           silent(t),
		"error":           func(editor.Message) any { return &editor.Error{Code: -32601, Message: "no such method"} },
		"null":            func(editor.Message) any { return nil },
		"no item":         func(editor.Message) any { return []any{} },
		"something else":  func(editor.Message) any { return "x" },
		"an odd item":     func(editor.Message) any { return []any{5} },
		"Lua's empty map": func(editor.Message) any { return []any{[]any{}} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := lsptest.Start(t, lsptest.Options{Env: local, Reply: reply})
			s.Initialized(pulls)
			s.Open(doc, "go", "package a\n")
			s.Must(s.Notify("workspace/didChangeConfiguration", map[string]any{"settings": map[string]any{"model": "pushed"}}))
			var dry struct{ Body string }
			s.Must(s.Command("llmls.explain", dryRun(0), &dry))
			if !strings.Contains(dry.Body, `"pushed"`) {
				t.Errorf("the request is %s", dry.Body)
			}
		})
	}
}

// Two questions may be under way; what was asked first may be answered last,
// and is older.
func TestOlderSettingsDoNotWin(t *testing.T) {
	t.Parallel()
	s := lsptest.Start(t, lsptest.Options{Env: local, Reply: silent(t)})
	s.Initialized(`{"workspace":{"configuration":true}}`)
	s.Open(doc, "go", "package a\n")
	first := s.AwaitMethod("workspace/configuration")
	s.Must(s.Notify("workspace/didChangeConfiguration", map[string]any{"settings": nil}))
	second := s.AwaitMethod("workspace/configuration")
	for _, answered := range []struct{ question, model string }{{string(second.ID), "new"}, {string(first.ID), "old"}} {
		s.Must(s.Send(`{"jsonrpc":"2.0","id":%s,"result":[{"model":%q}]}`, answered.question, answered.model))
		// The command waits a moment for what is under way, and so shows what
		// has come of it.
		var dry struct{ Body string }
		s.Must(s.Command("llmls.explain", dryRun(0), &dry))
		if !strings.Contains(dry.Body, `"new"`) {
			t.Errorf("after the answer %q the request is %s", answered.model, dry.Body)
		}
	}
}

// Commands leave the wire loop, so a stop could run before the answer that it is
// to stop has begun, and stop the next one instead.
func TestStopKeepsItsPlace(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"llmls.stop", "window/workDoneProgress/cancel", "shutdown"} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			u := completiontest.NewUpstream(t)
			s := lsptest.Start(t, lsptest.Options{Env: map[string]string{"OPENAI_BASE_URL": u.URL}, Reply: silent(t)})
			s.Initialized(`{"workspace":{"configuration":true}}`) // which it does not answer: the command waits a moment
			s.Open(doc, "go", "package a\n")
			s.AwaitMethod("workspace/configuration")
			explain := func(token string) *editor.Pending {
				pending, err := s.Start("workspace/executeCommand", map[string]any{
					"command": "llmls.explain", "workDoneToken": "w",
					"arguments": []any{map[string]any{"uri": doc, "range": lsptest.Range(0, 0, 1, 0), "partialResultToken": token}},
				})
				s.Must(err)
				return pending
			}
			before := explain("before")
			switch way {
			case "window/workDoneProgress/cancel":
				s.Must(s.Notify(way, map[string]any{"token": "w"}))
			case "shutdown":
				_, err := s.Start(way, nil)
				s.Must(err)
			default:
				s.StartCommand(way, map[string]any{})
			}
			var after *editor.Pending
			if way != "shutdown" {
				after = explain("after") // with the token once more
			}
			if got := code(t, before.Wait(s.Context(), nil)); got != -32800 {
				t.Errorf("the answer that was stopped: code %d", got)
			}
			if after != nil {
				if got := code(t, after.Wait(s.Context(), nil)); got != 0 {
					t.Errorf("the answer after it: code %d", got)
				}
			}
		})
	}
}

// An error from the handler of a notification, and any panic, would close the
// connection. This server panics whenever the model of an answer is opened.
func TestPanicEndsOnlyItsRequest(t *testing.T) {
	logged, logs := observer.New(zap.InfoLevel)
	mine, theirs := net.Pipe()
	exit := make(chan int, 1)
	ac := access.New(func(string) (string, bool) {
		if strings.Contains(string(debug.Stack()), "(*Access).Open(") {
			panic("no key today")
		}
		return "", false
	})
	go func() {
		exit <- lsp.Serve(context.Background(), theirs, &lsp.Options{
			Log: zap.New(logged), Level: zap.NewAtomicLevel(), Access: ac,
			User: func() ([]settings.Layer, []settings.Problem) { return nil, nil },
		})
	}()
	s := lsptest.Attach(t, mine, nil)
	t.Cleanup(func() {
		_ = s.Close()
		<-exit
	})
	s.Initialized(`{"window":{"workDoneProgress":true}}`)
	s.Open(doc, "go", "package a\n")
	explain := map[string]any{"uri": doc, "range": lsptest.Range(0, 0, 1, 0)}
	s.Must(s.Command("llmls.explain", explain, nil)) // it fails in the background
	s.Await("what happened", func(m editor.Message) bool {
		return m.Method == "window/showMessage" && strings.Contains(string(m.Params), "log")
	})
	explain["partialResultToken"] = 1
	const more = 70 // than may run at once: none may keep its place
	for range more {
		if err := s.Command("llmls.explain", explain, nil); code(t, err) != -32603 || !strings.Contains(err.Error(), "log") {
			t.Fatalf("a panic was answered with %v", err)
		}
	}
	s.Must(s.Works())
	var answers []struct{ Running bool }
	s.Must(s.Command("llmls.answers", map[string]any{}, &answers))
	if len(answers) != more+1 || slices.Contains(answers, struct{ Running bool }{true}) {
		t.Errorf("%d answers: %v", len(answers), answers)
	}
	var begun, ended int
	for ended != more+1 { // the client agrees to the last one when it does
		s.Await("the end of each progress", func(m editor.Message) bool { return m.Method == "$/progress" })
		begun, ended = 0, 0
		for _, m := range s.Seen() {
			begun += strings.Count(string(m.Params), `"kind":"begin"`)
			ended += strings.Count(string(m.Params), `"kind":"end"`)
		}
	}
	if begun != ended {
		t.Errorf("%d began, %d ended", begun, ended)
	}
	entries := logs.FilterMessageSnippet("panicked").All()
	if len(entries) != more+1 || !strings.Contains(fmt.Sprint(entries[more].ContextMap()["stack"]), "(*Access).Open") {
		t.Errorf("%d panics in the log: %v", len(entries), entries)
	}
}

// Characters are counted as each client counts them, and what it selects is
// what the model sees.
func TestPositionEncodings(t *testing.T) {
	const before, selected, after = "a\r\n「全角」🎉e\u0301\tx", "選択👩\u200d🚀e\u0301\r\nzwei\rdrei", "🎉 rest\n"
	unit := map[string]func(string) int{
		"utf-8":  func(s string) int { return len(s) },
		"utf-16": func(s string) int { return len(utf16.Encode([]rune(s))) },
		"utf-32": utf8.RuneCountInString,
	}
	lines := regexp.MustCompile(`\r\n|\r|\n`)
	for encoding, count := range unit {
		t.Run(encoding, func(t *testing.T) {
			at := func(s string) (line, character int) {
				all := lines.Split(s, -1)
				return len(all) - 1, count(all[len(all)-1])
			}
			startLine, startCharacter := at(before)
			endLine, endCharacter := at(before + selected)
			s := lsptest.Start(t, lsptest.Options{Env: local})
			s.Initialized(`{"general":{"positionEncodings":["` + encoding + `"]}}`)
			s.Open(doc, "go", before+after)
			// The selection arrives as an edit, so that both ways are measured.
			s.Must(s.Notify("textDocument/didChange", map[string]any{
				"textDocument": map[string]any{"uri": doc, "version": 2},
				"contentChanges": []any{map[string]any{
					"range": lsptest.Range(startLine, startCharacter, startLine, startCharacter), "text": selected,
				}},
			}))
			var dry struct{ Body string }
			s.Must(s.Command("llmls.explain", map[string]any{
				"uri": doc, "range": lsptest.Range(startLine, startCharacter, endLine, endCharacter), "version": 2, "dryRun": true,
			}, &dry))
			var body struct{ Messages []struct{ Content string } }
			s.Must(json.Unmarshal([]byte(dry.Body), &body))
			content := body.Messages[len(body.Messages)-1].Content
			if want := strings.Replace(selected, "zwei\r", "zwei\n", 1); !strings.Contains(content, "\n"+want+"\n```") {
				t.Errorf("the prompt does not hold %q: %q", want, content)
			}
		})
	}
}
