package present

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/llmls/llmls/internal/completion"
)

const head = completion.AnswerFileHead

// settle waits until nothing more happens.
func settle() {
	time.Sleep(5 * time.Second) //nolint:forbidigo // in a bubble, where it waits for everything else
	synctest.Wait()
}

var manners = map[string]manner{
	"at once": {}, "a little later": {lag: 100 * time.Millisecond}, "later": {debounce: 150 * time.Millisecond}, "never": {untracked: true},
	"with CRLF": {crlf: true}, "with CRLF, a little later": {crlf: true, lag: 100 * time.Millisecond},
}

// each runs a test in a bubble for each manner.
func each(t *testing.T, test func(t *testing.T, m manner)) {
	for name, m := range manners {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { test(t, m) })
		})
	}
}

// Hovers, diagnostics, lenses and hints follow the code, and go when it changes.
func TestAtTheCode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := start(t, manner{}, all)
		s := e.explain(2, 3, "", "")
		s.write("# Sum\n\nAdds **it** up. Fast.\n\nMore.")
		settle()
		type shown struct {
			hover, diagnostic, lens, hint string
			line                          uint32
		}
		now := func(line uint32) (got shown) {
			doc := e.document(code)
			if hover := e.presenter.Hover(doc, protocol.Position{Line: line, Character: 1}); hover != nil {
				got.hover, got.line = masked(hover.Contents.(*protocol.MarkupContent).Value), hover.Range.Start.Line
			}
			e.mu.Lock()
			defer e.mu.Unlock()
			for _, d := range e.hints[code] {
				got.diagnostic += string(d.Message.(protocol.String))
				if got.hover != "" && d.Range.Start.Line != got.line || d.Severity != protocol.DiagnosticSeverityInformation {
					t.Errorf("the diagnostic is %+v", d)
				}
			}
			for _, l := range e.presenter.Lenses(doc, "show") {
				got.lens += l.Command.Title
			}
			for _, h := range e.presenter.Hints(doc, protocol.Range{End: protocol.Position{Line: 100}}) {
				got.hint += string(h.Label.(protocol.String))
			}
			return got
		}
		edit := func(r protocol.Range, text string) {
			e.mu.Lock()
			e.change(code, &protocol.TextDocumentContentChangePartial{Range: r, Text: text})
			e.mu.Unlock()
			settle()
		}
		at := func(line uint32, from, to uint32) protocol.Range {
			return protocol.Range{Start: protocol.Position{Line: line, Character: from}, End: protocol.Position{Line: line, Character: to}}
		}
		const first, mark = "Adds it up. Fast.", "llmls: Adds it up. Fast."
		want := shown{"# Sum\n\nAdds **it** up. Fast.\n\nMore. …", first, mark, mark, 1}
		if got := now(2); got != want {
			t.Errorf("while it grows: %+v", got)
		}
		if got := now(0); got.hover != "" {
			t.Errorf("beside it: %+v", got)
		}
		s.end()
		settle()
		want.hover = "# Sum\n\nAdds **it** up. Fast.\n\nMore.\n\n*m*"
		edit(at(0, 0, 0), "new\n")
		want.line = 2
		if got := now(3); got != want {
			t.Errorf("moved: %+v", got)
		}
		edit(at(3, 4, 10), "yield ")
		if got := now(3); got.hover+got.diagnostic+got.lens+got.hint != "" {
			t.Errorf("changed: %+v", got)
		}
		edit(at(3, 4, 10), "return")
		if got := now(3); got != want {
			t.Errorf("changed back: %+v", got)
		}
		if id := e.presenter.Dismissible(e.document(code), at(3, 0, 0)); id != s.ID {
			t.Errorf("dismissible is %q", id)
		}
		e.presenter.Dismiss(s.ID)
		settle()
		if got := now(3); got != (shown{}) {
			t.Errorf("dismissed: %+v", got)
		}
		if e.count(protocol.MethodWorkspaceCodeLensRefresh) < 4 || e.count(protocol.MethodWorkspaceInlayHintRefresh) < 4 {
			t.Error("the editor was not told of new lenses and hints")
		}
		if e.count(protocol.MethodWorkspaceCodeLensRefresh) > 8 {
			t.Error("the editor was told too often")
		}
	})
}

// An editor that reads documents from the server gets the same text from it.
func TestContent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := start(t, manner{}, Client{Content: true, ShowDocument: true})
		s := e.explain(2, 3, "", "")
		s.write("One ")
		settle()
		if text, ok := e.presenter.Content("llmls:/X/total.md"); ok {
			t.Errorf("of no conversation: %q", text)
		}
		document := uri.URI("llmls:/" + s.Conversation + "/total.md")
		const want = "# Explain total.py:2-3\n\n[total.py:2-3](file:///w/total.py#L2)\n\nOne"
		for _, u := range []uri.URI{answersURI, document} {
			if text, ok := e.presenter.Content(u); !ok || strings.TrimSpace(text) != want {
				t.Errorf("%s: %q, %v", u, text, ok)
			}
		}
		before := e.count(protocol.MethodWorkspaceTextDocumentContentRefresh)
		s.write("two.")
		s.end()
		settle()
		if n := e.count(protocol.MethodWorkspaceTextDocumentContentRefresh) - before; n < 2 {
			t.Errorf("%d refreshes", n)
		}
		if text, _ := e.presenter.Content(document); masked(text) != want+" two.\n\n*m*\n" {
			t.Errorf("at the end: %q", text)
		}
		if n := e.count(protocol.MethodWindowShowDocument); n != 1 {
			t.Errorf("it was shown %d times", n)
		}
		if e.count(protocol.MethodWorkspaceApplyEdit) > 0 || e.saved() != "" {
			t.Error("there is a file, too")
		}
	})
}

func TestPlain(t *testing.T) {
	for in, want := range map[string]string{
		"Explain a_b.py:3":       "Explain a_b.py:3",
		"![x](http://h/)\n<img>": `\!\[x\](http://h/) \<img\>`,
		"a\x1b[31mb\u202e":       "a\uFFFD\\[31mb\uFFFD",
	} {
		if got := plain(in); got != want {
			t.Errorf("plain(%q) = %q, want %q", in, got, want)
		}
	}
}
