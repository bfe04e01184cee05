package editors_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/test/editors"
	"github.com/llmls/llmls/test/process"
)

const root = "../.."

// code is what the tests ask about.
const code = `def total(xs):
    n = 0
    for x in xs:
        n += x
    return n
`

// llmls is built for each run of the tests.
var llmls process.Binary

func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == otherServer {
		serveOther(os.Args[2])
		return
	}
	os.Exit(llmls.BuildAndRun(m))
}

// An editor is one kind of editor: how it is started, and what a person types
// there.
type editor struct {
	name, program string
	setup         []string          // the arguments of `llmls setup --write`, nil if the person did that
	files         map[string]string // what else the person has in the home
	// line is the command line that opens a file.
	line  func(program, file string) []string
	ready func(s *session) // waits until llmls runs

	selects func(s *session, first, last int) // the lines, by their numbers
	menu    func(s *session)                  // opens the code actions
	chooses func(s *session, title string)    // one of them, by how it begins
	types   func(s *session, text string)     // at the very beginning of the code
	opens   func(s *session)                  // the answer, nil where it opens by itself
	again   func(s *session)                  // the same once the person has been back in the code
	returns func(s *session)                  // from it to the code, nil where the focus never left
	hovers  func(s *session)                  // at line 2 of the code
	hover   string                            // what stands on the screen when a hover does, and not else, or ""
	enters  []string                          // the keys that go into the answer beside the code
	asksOn  func(s *session, question string) // below the answer, nil where it has no buffer
	finds   func(s *session, word string)     // a word in the file that has the focus, nil where that is not tested
	bottom  []string                          // the keys that go to the end of the answer
	asks    func(s *session, question string) // by a command
	writes  func(s *session)                  // the file
	leaves  func(s *session)                  // as a person does who has saved the code
	quits   func(s *session)                  // in any case
	state   func(s *session)                  // waits until it says that an answer file is nothing but text, nil where no file says otherwise

	// working stands on the screen while an answer grows, if anything does.
	working *regexp.Regexp
}

// each runs test in every editor. In CI there has to be each of them. lsp-mode is one
// of them with the build tag desktop.
func each(t *testing.T, test func(t *testing.T, e *editor)) {
	t.Helper()
	t.Parallel()
	for _, e := range append([]*editor{helix(), emacs(), neovim(), vim()}, more(t)...) {
		if !e.there(t) {
			continue
		}
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			test(t, e)
		})
	}
}

// there reports whether the machine has the editor. In CI it has to.
func (e *editor) there(t *testing.T) bool {
	t.Helper()
	_, err := editors.Find(root, e.program)
	if err != nil && os.Getenv("CI") == "" {
		t.Log(err)
		return false
	}
	return true
}

// A session is an editor with code in it, llmls and a scripted endpoint.
type session struct {
	*editors.Terminal
	t        *testing.T
	editor   *editor
	home     *process.Home
	upstream *completiontest.Upstream
	path     string    // of the code
	asked    time.Time // when Explain was last chosen
	left     bool      // the editor
}

// open starts the editor with that code in it.
func (e *editor) open(t *testing.T, text string) *session {
	t.Helper()
	return e.openThrough(t, text, func(url string) string { return url })
}

// openThrough is open where llmls reaches the endpoint by another URL.
func (e *editor) openThrough(t *testing.T, text string, through func(url string) string) *session {
	t.Helper()
	u := completiontest.NewUpstream(t)
	h := llmls.Home(t, through(u.URL), "retries = 0\n")
	h.Env[0] = "PATH=" + filepath.Dir(llmls.Path()) + ":/usr/bin:/bin"
	for name, text := range e.files {
		h.Write(t, name, text)
	}
	if e.setup != nil {
		h.Run(t, append([]string{"setup", "--write"}, e.setup...)...).Exits(0)
	}
	s := &session{t: t, editor: e, home: h, upstream: u, path: h.Write(t, "work/total.py", text)}
	s.edits("total.py")
	t.Cleanup(func() {
		log := h.Log(t)
		if strings.Contains(log, process.Key) {
			t.Error("a log holds the key")
		}
		if t.Failed() {
			t.Logf("the screen:\n%s\nllmls logged:\n%s", s.Screen(), log)
			return // it may be anywhere: its terminal is closed
		}
		if !s.left {
			e.quits(s)
			s.Ends()
		}
	})
	e.ready(s)
	return s
}

// edits starts the editor with a file of its own directory, or one with a path.
func (s *session) edits(file string) {
	s.t.Helper()
	env := append([]string{"TERM=tmux-256color", "COLORTERM=truecolor", "LC_ALL=C.UTF-8"}, s.home.Env...)
	tmux, program := find(s.t, "tmux"), find(s.t, s.editor.program)
	s.Terminal = editors.Start(s.t, tmux, filepath.Dir(s.path), env, s.editor.line(program, file)...)
}

func find(t *testing.T, name string) string {
	t.Helper()
	path, err := editors.Find(root, name)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// started waits until llmls can be used.
func (s *session) started() {
	s.t.Helper()
	process.Eventually(s.t, process.Patience, "llmls has started", func() bool {
		return strings.Contains(s.home.Log(s.t), `"msg":"initialized"`)
	})
}

// explains chooses Explain for the lines 2 to 4.
func (s *session) explains() {
	s.t.Helper()
	s.editor.selects(s, 2, 4)
	s.editor.menu(s)
	s.asked = time.Now()
	s.editor.chooses(s, "Explain selection")
}

// reads waits for the words in the answer, and is back in the code then.
func (s *session) reads(words ...string) {
	s.t.Helper()
	if s.editor.opens != nil {
		s.editor.opens(s)
	}
	s.Shows(words...)
	if s.editor.returns != nil {
		s.editor.returns(s)
	}
}

// follows goes to the end of the answer until ok holds for the screen. It presses
// keys when the screen has changed, and now and then: pressed without a pause they
// would leave a slow editor no time to read what llmls sends.
func (s *session) follows(what string, ok func(screen string) bool) {
	s.t.Helper()
	const often = 20
	last, polls := "", 0
	s.Until(what, func(screen string) bool {
		if screen != last || polls%often == 0 {
			s.Press(s.editor.bottom...)
		}
		last = screen
		polls++
		return ok(screen)
	})
}

// prompt waits for the next request, and returns what it asks.
func (s *session) prompt() string {
	s.t.Helper()
	return string(s.upstream.Next().Body)
}

// saved saves the code and returns it, byte for byte.
func (s *session) saves(want string) {
	s.t.Helper()
	s.editor.writes(s)
	var saved []byte
	defer func() {
		if s.t.Failed() {
			s.t.Logf("the file holds %q, want %q; the screen:\n%s", saved, want, s.Screen())
		}
	}()
	process.Eventually(s.t, process.Patience, "the file is saved", func() bool {
		saved, _ = os.ReadFile(s.path) // some editors replace the file
		return string(saved) == want
	})
}

// idle waits until the server has said that n answers ended.
func (s *session) idle(n int) {
	s.t.Helper()
	process.Eventually(s.t, process.Patience, "the answers have ended", func() bool {
		return strings.Count(s.home.Log(s.t), `"msg":"answered"`) >= n
	})
}

// kept waits until the answer file is on the disk with a complete answer in it,
// and returns its path.
func (s *session) kept() string {
	s.t.Helper()
	var found []string
	process.Eventually(s.t, process.Patience, "the answer file is saved", func() bool {
		found, _ = filepath.Glob(filepath.Join(s.home.Dir, "state", "llmls", "answers", "*.md"))
		if len(found) != 1 {
			return false
		}
		raw, err := os.ReadFile(found[0])
		return err == nil && strings.Contains(string(raw), "1 token*")
	})
	return found[0]
}
