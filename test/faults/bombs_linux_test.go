package faults

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/internal/lsp/editor"
	"github.com/llmls/llmls/internal/lsp/lsptest"
)

// memoryLimit is what llmls may use whatever it is sent, in MB.
const memoryLimit = 200

// bigText is n bytes of lines that cost more in JSON than in a text.
func bigText(n int) string {
	const line = "x = 'é' # yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\n"
	return strings.Repeat(line, n/len(line))
}

// dryRun returns the body of the request that explains the start of a document.
func (s *server) dryRun(uri string) (string, error) {
	s.t.Helper()
	var dry struct{ Body string }
	err := s.Command("llmls.explain", map[string]any{"uri": uri, "range": lsptest.Range(0, 0, 1, 0), "dryRun": true}, &dry)
	return dry.Body, err
}

// changeWhole replaces the text of a document.
func (s *server) changeWhole(uri string, version int, text string) {
	s.t.Helper()
	s.Must(s.Notify("textDocument/didChange", map[string]any{
		"textDocument":   map[string]any{"uri": uri, "version": version},
		"contentChanges": []any{map[string]any{"text": text}},
	}))
}

// The largest message that is read, three times in a row, opened and changed.
func TestLargestDocument(t *testing.T) {
	t.Parallel()
	const size = 31 << 20 // and 1 MiB for its escapes
	text := bigText(size)
	s := start(t, llmls.Home(t, "http://127.0.0.1:1", "")).ready()
	for range 3 {
		s.Open("file:///p/big.py", "python", text)
		body, err := s.dryRun("file:///p/big.py")
		s.Must(err)
		if !strings.Contains(body, "x = 'é'") {
			t.Errorf("the request is %.1000s", body)
		}
	}
	for version := 2; version < 5; version++ {
		s.changeWhole("file:///p/big.py", version, text)
	}
	s.peakBelow(memoryLimit)
	s.stillWorks()
}

// There is an end to what is held open, and what is beyond it is refused in
// words: nothing is asked about a text that is not there.
func TestOpenDocumentsHaveALimit(t *testing.T) {
	t.Parallel()
	const size = 20 << 20
	s := start(t, llmls.Home(t, "http://127.0.0.1:1", "")).ready()
	name := func(n int) string { return fmt.Sprintf("file:///p/big%d.py", n) }
	for n := range 4 {
		s.Open(name(n), "python", bigText(size))
	}
	s.Await("a message", func(m message) bool {
		return m.Method == "window/showMessage" && strings.Contains(string(m.Params), "big3.py") && strings.Contains(string(m.Params), "64 MiB")
	})
	if _, err := s.dryRun(name(0)); err != nil {
		t.Error(err)
	}
	if _, err := s.dryRun(name(3)); err == nil || !strings.Contains(err.Error(), "Close other large files") {
		t.Errorf("explained what there is no room for: %v", err)
	}
	// Growing is as good as opening.
	s.changeWhole(name(0), 2, bigText(size+8<<20))
	if _, err := s.dryRun(name(0)); err == nil || !strings.Contains(err.Error(), "Close other large files") {
		t.Errorf("explained what there is no room for: %v", err)
	}
	s.Must(s.Notify("textDocument/didClose", map[string]any{"textDocument": map[string]any{"uri": name(1)}}))
	s.changeWhole(name(0), 3, bigText(size))
	if _, err := s.dryRun(name(0)); err != nil {
		t.Error(err)
	}
	s.peakBelow(memoryLimit)
	s.stillWorks()
}

// Whatever the selection, one is copied at a time.
func TestHugeSelections(t *testing.T) {
	t.Parallel()
	s := start(t, llmls.Home(t, "http://127.0.0.1:1", "[context]\nmaxTokens = 10000000\n")).ready()
	s.Open("file:///p/blank.py", "python", strings.Repeat("\n", 15<<20))
	s.Open("file:///p/big.py", "python", bigText(20<<20))
	s.Open("file:///p/most.py", "python", bigText(8<<20))
	var pending []*editor.Pending
	for _, name := range []string{"file:///p/blank.py", "file:///p/big.py", "file:///p/most.py"} {
		whole := lsptest.Range(0, 0, 1<<30, 0)
		for range 20 {
			pending = append(pending,
				s.StartCommand("llmls.explain", map[string]any{"uri": name, "range": whole, "partialResultToken": "t"}),
				s.StartCommand("llmls.ask", map[string]any{"uri": name, "range": whole}))
			action, err := s.Start("textDocument/codeAction", map[string]any{
				"textDocument": map[string]any{"uri": name}, "range": whole, "context": map[string]any{"diagnostics": []any{}},
			})
			s.Must(err)
			pending = append(pending, action)
		}
	}
	for _, p := range pending {
		_ = p.Wait(s.Context(), nil) // an error or not
	}
	s.peakBelow(memoryLimit)
	s.stillWorks()
}

// A thousand documents, and settings of a megabyte.
func TestManyDocuments(t *testing.T) {
	t.Parallel()
	s := start(t, llmls.Home(t, "http://127.0.0.1:1", ""))
	_, err := s.Initialize(s.Context(), map[string]any{
		"capabilities":          map[string]any{},
		"initializationOptions": map[string]any{"model": strings.Repeat("m", 1<<20), "other": strings.Repeat("x", 20<<20)},
	})
	s.Must(err)
	s.Open(uri, "python", document)
	for n := range 1000 {
		s.Open(fmt.Sprintf("file:///p/%d.py", n), "python", bigText(40<<10))
	}
	body, err := s.dryRun("file:///p/999.py")
	s.Must(err)
	if !strings.Contains(body, "x = 'é'") {
		t.Errorf("the request is %.1000s", body)
	}
	s.stillWorks()
	s.peakBelow(memoryLimit)
}

// Answers that wait keep their prompts and nothing else: not the texts that the
// documents had, and not each a prompt as long as a setting allows.
func TestWaitingAnswersAreSmall(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	u.Script(completiontest.Delta("a"), completiontest.Stall())
	for name, test := range map[string]struct {
		config  string
		asked   int
		refused bool
	}{
		"by default":           {"", atOnce + 1000, false},
		"with very large ones": {"[context]\nmaxTokens = 10000000\n", 100, true},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, llmls.Home(t, u.URL, test.config)).ready()
			text := bigText(1 << 20)
			var all []*editor.Pending
			s.Open("file:///p/big.py", "python", text)
			for i := range test.asked {
				lines := lsptest.Range(0, 0, 350, 0) // nearly what fits by default
				if test.refused {
					lines = lsptest.Range(0, 0, 1<<20, 0)
				}
				all = append(all, s.StartCommand("llmls.explain", map[string]any{
					"uri": "file:///p/big.py", "range": lines, "partialResultToken": "t",
				}))
				if i%6 == 0 {
					s.changeWhole("file:///p/big.py", i+2, text)
				}
			}
			s.stillWorks()
			s.Must(s.Command("llmls.stop", map[string]any{}, nil))
			refused := 0
			for _, p := range all {
				if err := p.Wait(s.Context(), nil); err != nil && strings.Contains(err.Error(), "16 MiB") {
					refused++
				}
			}
			if (refused > 0) != test.refused {
				t.Errorf("%d were refused", refused)
			}
			s.stillWorks()
			s.peakBelow(memoryLimit)
		})
	}
}

// An editor that asks and does not read gets no more than it can take.
func TestAnswersThatNobodyReads(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	u.Script(repeated(7, completiontest.Delta(strings.Repeat("\"\n", megabyte/2))), completiontest.Finish("stop"), completiontest.Done())
	s := start(t, llmls.Home(t, u.URL, "")).ready()
	for i := range 2 {
		_, err := s.explain(fmt.Sprint(i))
		s.Must(err)
	}
	s.Pipes.Hold()
	var lists []*editor.Pending
	for range 8 {
		lists = append(lists, s.StartCommand("llmls.answers", map[string]any{}))
	}
	s.blocked()
	s.changeWhole(uri, 2, "still = 'read'\n")
	s.peakBelow(memoryLimit)
	s.Pipes.Resume()
	for _, p := range lists {
		s.Must(p.Wait(s.Context(), nil))
	}
	s.peakBelow(memoryLimit)
}

// A program that is to print a key and prints 300 MB has printed no key.
func TestKeyCommandFloods(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	for _, where := range []string{"1", "2"} {
		h := llmls.Home(t, u.URL, `apiKeyCommand = ["/bin/sh", "-c", "head -c 300M /dev/zero | tr '\\0' x >&`+where+`; exit 1"]`)
		s := start(t, h).ready()
		_, err := s.explain("t")
		if kind, sentence, _ := failure(t, err); kind != "config" || !strings.Contains(sentence, "exit status 1") || len(sentence) > 1000 {
			t.Errorf("failed with %s, %.1000q", kind, sentence)
		}
		s.stillWorks()
		s.peakBelow(50)
	}
	if n := len(u.Requests()); n > 0 {
		t.Errorf("%d requests without a key", n)
	}
}

// What an endpoint says of an error is read as far as a person would.
func TestErrorBodyHasALimit(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	u.Script(completiontest.Status(400), completiontest.Send(`{"error":"too many words `), repeated(200, completiontest.Send(strings.Repeat("x ", megabyte/2))))
	s := start(t, llmls.Home(t, u.URL, calm)).ready()
	_, err := s.explain("t")
	if kind, sentence, _ := failure(t, err); kind != "bad_request" || !strings.Contains(sentence, "too many words") || len(sentence) > 1000 {
		t.Errorf("failed with %s, %.1000q", kind, sentence)
	}
	s.stillWorks()
	s.peakBelow(50)
}

// Requests that wait for their answers keep their parameters, and have only so
// much room for them; to stop them there is always some.
func TestRequestsThatPileUp(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	u.Script(completiontest.Delta("a"), completiontest.Stall())
	s := start(t, llmls.Home(t, u.URL, "")).ready()
	problem := map[string]any{"range": lsptest.Range(0, 0, 0, 1), "message": strings.Repeat("a problem ", megabyte/10)}
	var all []*editor.Pending
	for range atOnce {
		all = append(all, s.StartCommand("llmls.explain", place("diagnostic", problem, "partialResultToken", "t")))
	}
	s.Await("a refusal", func(m message) bool { return m.Error != nil && strings.Contains(m.Error.Message, "32 MiB") })
	s.Must(s.Command("llmls.stop", map[string]any{}, nil))
	refused := 0
	for _, p := range all {
		if err := p.Wait(s.Context(), nil); err != nil && strings.Contains(err.Error(), "32 MiB") {
			refused++
		}
	}
	if refused < atOnce/4 || refused > atOnce*3/4 {
		t.Errorf("%d were refused", refused)
	}
	s.stillWorks()
	s.peakBelow(memoryLimit)
}

// A menu with more problems than anybody reads is none.
func TestProblemsHaveALimit(t *testing.T) {
	t.Parallel()
	s := start(t, llmls.Home(t, "http://127.0.0.1:1", "")).ready()
	var problems []any
	for n := range 1000 {
		problems = append(problems, map[string]any{"range": lsptest.Range(0, 0, 0, 1), "message": fmt.Sprint("problem ", n)})
	}
	var actions []struct{ Title string }
	s.Must(s.Call(s.Context(), "textDocument/codeAction", map[string]any{
		"textDocument": map[string]any{"uri": uri}, "range": lsptest.Range(0, 0, 1, 0), "context": map[string]any{"diagnostics": problems},
	}, &actions))
	if len(actions) != 102 || actions[0].Title != "Explain problem: problem 0" {
		t.Errorf("%d actions: %.10v", len(actions), actions)
	}
	err := s.Call(s.Context(), "textDocument/codeAction", map[string]any{
		"textDocument": map[string]any{"uri": uri}, "range": lsptest.Range(0, 0, 1, 0), "context": map[string]any{"only": make([]string, 1_000_000)},
	}, nil)
	if err == nil || !strings.Contains(err.Error(), "more than 1000000 values") {
		t.Errorf("a million kinds: %v", err)
	}
}

// More folders than anybody opens are none: what is in them is not read, and
// they are not remembered.
func TestFoldersHaveALimit(t *testing.T) {
	t.Parallel()
	h := llmls.Home(t, "http://127.0.0.1:1", "")
	h.Write(t, "project/good.py", "good = 1\n")
	file := lsptest.URI(filepath.Join(h.Dir, "project", "good.py"))
	s := start(t, h).ready()
	change := func(added, removed []any) {
		t.Helper()
		s.Must(s.Notify("workspace/didChangeWorkspaceFolders", map[string]any{"event": map[string]any{"added": added, "removed": removed}}))
	}
	folder := func(uri string) any { return map[string]any{"uri": uri, "name": "p"} }
	var others []any
	for n := range 1000 {
		others = append(others, folder(fmt.Sprintf("file:///others/%d", n)))
	}
	project := []any{folder(lsptest.URI(filepath.Join(h.Dir, "project")))}
	change(append(others, project...), nil)
	if _, err := s.dryRun(file); err == nil || !strings.Contains(err.Error(), "not in a folder") {
		t.Errorf("read a file of folder 1001: %v", err)
	}
	change(project, others)
	if body, err := s.dryRun(file); err != nil || !strings.Contains(body, "good = 1") {
		t.Errorf("the request is %q, %v", body, err)
	}
}
