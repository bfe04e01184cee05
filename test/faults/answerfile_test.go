//go:build linux

package faults

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/go-json-experiment/json"
	"go.lsp.dev/protocol"
	lspuri "go.lsp.dev/uri"

	"github.com/llmls/llmls/internal/completion/completiontest"
	texts "github.com/llmls/llmls/internal/lsp/document"
	"github.com/llmls/llmls/internal/lsp/lsptest"
	"github.com/llmls/llmls/test/process"
)

// A reader is an editor that shows the answer file: it opens the files that it is
// asked to, applies edits, and reports its text.
type reader struct {
	t *testing.T

	mu      sync.Mutex
	files   map[string]*texts.Text
	version int // that the server has been told of, 0 for none
	ended   int // answers
	modes   map[string]os.FileMode
}

const readerCapabilities = `{"window":{"showDocument":{"support":true}},"workspace":{"applyEdit":true},"textDocument":{"hover":{"contentFormat":["markdown"]}}}`

func newReader(t *testing.T, h *process.Home) *reader {
	r := &reader{t: t, files: map[string]*texts.Text{}, modes: map[string]os.FileMode{}}
	h.Reply = r.reply
	return r
}

func (r *reader) reply(m message) any {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch m.Method {
	case "window/showDocument":
		var params struct{ URI string }
		r.decode(m, &params)
		path := lspuri.URI(params.URI).FsPath()
		info, err := os.Stat(path)
		raw, errRead := os.ReadFile(path)
		if err != nil || errRead != nil {
			r.t.Errorf("%s cannot be shown: %v, %v", path, err, errRead)
			return map[string]any{"success": false}
		}
		if r.files[path] == nil {
			r.files[path], r.modes[path] = texts.NewText(string(raw)), info.Mode()
		}
		return map[string]any{"success": true}
	case "workspace/applyEdit":
		var params struct {
			Edit struct {
				Changes map[string][]struct {
					Range   protocol.Range
					NewText string
				}
			}
		}
		r.decode(m, &params)
		for u, edits := range params.Edit.Changes {
			path := lspuri.URI(u).FsPath()
			text := r.files[path]
			if text == nil {
				r.t.Errorf("an edit of %s, which was not shown", path)
				return map[string]any{"applied": false}
			}
			for _, edit := range edits {
				r.ended += strings.Count(edit.NewText, "*scripted · ")
				text = text.Replace(text.Offset(edit.Range.Start, texts.UTF16), text.Offset(edit.Range.End, texts.UTF16), edit.NewText)
			}
			r.files[path] = text
		}
		return map[string]any{"applied": true}
	}
	return nil
}

func (r *reader) decode(m message, params any) {
	if err := json.Unmarshal(m.Params, params, json.MatchCaseInsensitiveNames(true)); err != nil {
		r.t.Errorf("%s: %v", m.Method, err)
	}
}

// text returns what stands in the files that were shown.
func (r *reader) text() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []string
	for _, text := range r.files {
		all = append(all, text.String())
	}
	return strings.Join(all, "\n")
}

func (r *reader) shows(what string) {
	r.t.Helper()
	process.Eventually(r.t, lsptest.Patience, "the answer file shows "+what, func() bool { return strings.Contains(r.text(), what) })
}

// The answer file is its user's alone whatever the umask is, lies beside what
// else llmls remembers, and nothing else is ever edited.
func TestAnswerFileIsPrivate(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	u.Script(completiontest.Answer("Adds up."))
	h := llmls.Home(t, u.URL, calm)
	h.Through = []string{"sh", "-c", `umask 0; exec "$0" "$@"`}
	r := newReader(t, h)
	s := start(t, h)
	s.Initialized(readerCapabilities)
	s.Open(uri, "python", document)
	s.Must(s.Command("llmls.explain", place(), nil))
	r.shows("Adds up.\n\n*scripted · ")
	for path, mode := range r.modes {
		if mode.Perm() != 0o600 || !strings.HasPrefix(path, filepath.Join(h.Dir, "state", "llmls", "answers")+"/") {
			t.Errorf("%s has %v", path, mode)
		}
		if raw, err := os.ReadFile(path); err != nil || strings.Contains(string(raw), "Adds up.") {
			t.Errorf("on the disk is %q, %v", raw, err)
		}
		if info, err := os.Stat(filepath.Dir(path)); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("its directory has %v, %v", info.Mode(), err)
		}
	}
	if len(r.modes) != 1 {
		t.Errorf("%d files were shown", len(r.modes))
	}
}

// What a repository calls its files and writes into its comments does nothing
// in the answer file but be read, and neither does an answer.
func TestHostileNamesInTheAnswerFile(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	text, safe := hostileText()
	u.Script(completiontest.Answer(text))
	h := llmls.Home(t, u.URL, calm)
	r := newReader(t, h)
	s := start(t, h)
	s.Initialized(readerCapabilities, "file:///p")
	const name = "file:///p/%21%5Bx%5D%28https%3A%2F%2Fevil.example%2F%29%3Cimg%20src%3Dx%3E%20-*-%20kate:%20vim:%20x.py"
	s.Open(name, "python", "# ? ![why](https://evil.example/?q=1) <script> vim: ft=c -*- kate: Local Variables:\nx = 1\n")
	s.Must(s.Command("llmls.ask", map[string]any{"uri": name, "range": lsptest.Range(0, 0, 2, 0)}, nil))
	r.shows("*scripted · ")
	got := r.text()
	if !strings.Contains(got, safe) {
		differ(t, "the answer", safe, got)
	}
	above, _, _ := strings.Cut(got, safe)
	if alive := regexp.MustCompile(`(?:^|[^\\])(?:!\[|<img|<script)`).FindString(above); alive != "" {
		t.Errorf("%q stands above the answer:\n%s", alive, above)
	}
	if err := completiontest.Modeline(got); err != nil {
		t.Error(err)
	}
}

// Answers that are shown to the end of what is allowed take no more memory than
// others.
func TestFloodsInTheAnswerFile(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	u.Script(repeated(28, completiontest.Delta(strings.Repeat("word \n", megabyte/24))), completiontest.Finish("stop"), completiontest.Done())
	h := llmls.Home(t, u.URL, calm)
	r := newReader(t, h)
	s := start(t, h)
	s.Initialized(readerCapabilities)
	s.Open(uri, "python", document)
	for n := range 30 {
		s.Must(s.Command("llmls.explain", place(), nil))
		process.Eventually(t, 3*lsptest.Patience, "the answer is complete", func() bool {
			r.mu.Lock()
			defer r.mu.Unlock()
			return r.ended > n
		})
	}
	s.peakBelow(memoryLimit)
}

// Where no file can be kept, the person is told where an answer can be read, and
// of no file that is not there.
func TestAnswerThatCannotBeKept(t *testing.T) {
	t.Parallel()
	for state, spoil := range map[string]func(h *process.Home){
		"not a directory": func(h *process.Home) { h.Write(t, "state", "a file") },
		"no home":         func(h *process.Home) { h.Unset("HOME", "XDG_STATE_HOME") },
	} {
		for client, capabilities := range map[string]string{"shows files": readerCapabilities, "shows none": `{}`} {
			t.Run(state+", "+client, func(t *testing.T) {
				t.Parallel()
				u := completiontest.NewUpstream(t)
				u.Script(completiontest.Answer("Adds up."))
				h := llmls.Home(t, u.URL, calm)
				spoil(h)
				s := start(t, h)
				s.Initialized(capabilities)
				s.Open(uri, "python", document)
				for n := range 2 {
					s.Must(s.Command("llmls.explain", place(), nil))
					process.Eventually(t, lsptest.Patience, "it is answered", func() bool { return strings.Count(s.Stderr.String(), "answered") > n })
				}
				var told []string
				process.Eventually(t, lsptest.Patience, "the person is told", func() bool {
					told = nil
					for _, m := range s.Seen() {
						if m.Method == "window/showMessage" {
							told = append(told, string(m.Params))
						}
					}
					return strings.Contains(strings.Join(told, ""), "Hover over the lines of an answer to read it")
				})
				if strings.Contains(strings.Join(told, "\n"), "Open ") || strings.Count(strings.Join(told, ""), "Hover over") != 1 {
					t.Errorf("told was %q", told)
				}
				var hover struct{ Contents struct{ Value string } }
				s.Must(s.Call(t.Context(), "textDocument/hover", map[string]any{"textDocument": map[string]any{"uri": uri}, "position": map[string]any{"line": 0, "character": 1}}, &hover))
				if !strings.Contains(hover.Contents.Value, "Adds up.") {
					t.Errorf("the hover is %+v", hover)
				}
			})
		}
	}
}

// A workspace may be called as long as a directory can be.
func TestLongWorkspaceName(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	u.Script(completiontest.Answer("Adds up."))
	h := llmls.Home(t, u.URL, calm)
	r := newReader(t, h)
	s := start(t, h)
	s.Initialized(readerCapabilities, "file:///p/"+strings.Repeat("n", 246))
	s.Open(uri, "python", document)
	s.Must(s.Command("llmls.explain", place(), nil))
	r.shows("Adds up.\n\n*scripted · ")
	for path := range r.modes {
		if filepath.Ext(path) != ".md" {
			t.Errorf("it is called %s", path)
		}
	}
}
