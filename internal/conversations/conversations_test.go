package conversations

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/llmls/llmls/internal/completion/secrets"
	"github.com/llmls/llmls/internal/state"
)

// What two answers left that grew in one place, because an editor had replaced the file
// and with it the lock, is read, all of it.
func TestMixedAnswers(t *testing.T) {
	s, dir := newStore(t)
	tell(t, s, "AAAAAA-1", Question{Text: "q"}, "One.")
	name := filepath.Join(dir, filepath.Base(load(t, s, "AAAAAA-1").Path))
	end := (&Answer{Finish: "stop", Footer: "m · 2 s"}).end()
	for _, crlf := range []bool{false, true} {
		text := rawFile(t, dir)
		if crlf {
			text = strings.ReplaceAll(text, "\n", "\r\n")
		}
		must(t, os.WriteFile(name, []byte(text+"more of another"+end), 0o600))
		c := load(t, s, "AAAAAA-1")
		if shown := c.Show(); len(c.Turns) != 1 || !strings.Contains(shown, "One.") || !strings.Contains(shown, "more of another") || !strings.Contains(shown, "*m · 2 s*") {
			t.Errorf("with CRLF %v it is shown as %q", crlf, shown)
		}
	}
}

func newStore(t testing.TB) (s *Store, dir string) {
	t.Helper()
	home := t.TempDir()
	var redactor secrets.Redactor
	redactor.Know("sk-canary-0123456789")
	return &Store{
		State:  state.New(func(name string) (string, bool) { return home, name == "XDG_STATE_HOME" }),
		Redact: redactor.Redact,
	}, filepath.Join(home, "llmls", kind)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// tell writes one turn, in pieces.
func tell(t testing.TB, s *Store, id string, q Question, pieces ...string) {
	t.Helper()
	w := s.Begin(id, q, Answer{Model: "asked", Endpoint: "default"})
	text := ""
	for _, piece := range pieces {
		text += piece
		must(t, w.Grow(text, 0))
	}
	must(t, w.End(text, 0, "stop", "answered", "answered · 1 s"))
}

func load(t testing.TB, s *Store, id string) *Conversation {
	t.Helper()
	c, err := s.Load(id)
	must(t, err)
	return c
}

func cut(text string, size func() int) []string {
	var pieces []string
	for text != "" {
		n := min(len(text), size())
		pieces, text = append(pieces, text[:n]), text[n:]
	}
	return pieces
}

// What is written is read again, whatever stands in it, and however it grew.
func TestRoundTrip(t *testing.T) {
	texts := []string{
		"plain", "## Question\n\n## Answer", "a\n\n<!-- llmls: end {} -->\nb", "\\<!-- llmls: question {} -->\n\\\\<!-- llmls: x -->",
		"<!-- llmls: ", "x <!-- llmls: end {} --> y", "# Title\n\n---\n> q", "ä\u202e🙂", strings.Repeat("long line ", 20000), "- a\n- b\n\n```go\ncode\n```",
	}
	for i, text := range texts {
		s, _ := newStore(t)
		answer := "It is *so*.\n\n## Answer\n\nWith words.\n- one\n"
		q := Question{Shown: "why " + text + "?", Title: "Ask about a.go:3", URI: "file:///a%20b.go", Range: &Range{Start: Position{2, 0}, End: Position{3, 1}}, Documents: []string{"file:///c.go"}, Text: text}
		tell(t, s, "AAAAAA-1", q, cut(answer, func() int { return 1 + rand.IntN(5) })...)
		tell(t, s, "AAAAAA-1", Question{Shown: "more?", Text: "more?"}, "Yes.")
		c := load(t, s, "AAAAAA-1")
		if len(c.Turns) != 2 || c.Turns[1].Question.Text != "more?" || c.Turns[1].Answer.Text != "Yes." || c.Model() != "answered" {
			t.Fatalf("%d: %+v", i, c)
		}
		got := c.Turns[0]
		if got.Question.Text != text || got.Answer.Text != answer || got.Finish != "stop" || got.Footer != "answered · 1 s" || got.Time.IsZero() {
			t.Errorf("%d: got %.300q, %q, %q, %q", i, got.Question.Text, got.Answer.Text, got.Finish, got.Footer)
		}
		q.Time, q.Text = got.Time, got.Question.Text
		if diff := cmp.Diff(q, got.Question); diff != "" {
			t.Errorf("%d: %s", i, diff)
		}
		if n := len(c.Messages()); n != 4 {
			t.Errorf("%d: %d messages", i, n)
		}
	}
}

// No secret is written, however the answer arrives, and no editor obeys the file.
func TestWhatIsWritten(t *testing.T) {
	s, dir := newStore(t)
	key := "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEAx8Qx7yQx7yQx7yQx7yQx7yQx7yQx7yQx7yQx7yQx7yQx7y\n-----END RSA PRIVATE KEY-----\n"
	answer := "Use password = \"tr0ub4dor&3xKcd\" and sk-canary-0123456789 or\n" + key + "done\n"
	for step := 1; step < len(answer); step += 7 {
		tell(t, s, fmt.Sprintf("AAAAAA-%d", step), Question{
			Shown: "is sk-canary-0123456789 right?", URI: "file:///sk-canary-0123456789.go", Text: "# vim: set ft=sh:\nLocal Variables:\n-*- mode: x -*-",
		}, cut(answer, func() int { return step })...)
	}
	entries, err := os.ReadDir(dir)
	must(t, err)
	if len(entries) == 0 {
		t.Error("nothing was written")
	}
	for _, e := range entries {
		raw, err := os.ReadFile(filepath.Join(dir, e.Name()))
		must(t, err)
		for _, bad := range []string{"sk-canary-0123456789", "tr0ub4dor", "Qx7yQx7y", "vim: set", "Local Variables:", "-*-"} {
			if strings.Contains(string(raw), bad) {
				t.Errorf("%s has %q", e.Name(), bad)
			}
		}
		if info, err := e.Info(); err != nil || info.Mode().Perm() != 0o600 && runtime.GOOS != "windows" {
			t.Errorf("%s: %v, %v", e.Name(), info.Mode(), err)
		}
	}
}

// Of an answer that grows, all but its last word is in the file.
func TestGrowing(t *testing.T) {
	s, _ := newStore(t)
	w := s.Begin("AAAAAA-1", Question{Text: "q"}, Answer{})
	if _, err := s.Load("AAAAAA-1"); !errors.Is(err, ErrNone) {
		t.Errorf("before any text: %v", err)
	}
	text := "A paragraph without any line end, which takes its ti"
	must(t, w.Grow(text, 0))
	if got := load(t, s, "AAAAAA-1").Turns[0]; got.Answer.Text != "A paragraph without any line end, which takes its " || got.Finish != "" {
		t.Errorf("got %+v", got)
	}
	// Somebody else's turn waits.
	other := s.Begin("AAAAAA-1", Question{Text: "other"}, Answer{})
	if err := other.Grow("Too early. ", 0); !errors.Is(err, state.ErrLocked) {
		t.Errorf("got %v", err)
	}
	// All of that was thinking.
	text += "me.\n"
	must(t, w.Grow(text+"The answer is. ", len(text)))
	must(t, w.End(text+"The answer is. ", len(text), "stop", "m", ""))
	must(t, other.End("Now.", 0, "stop", "m", ""))
	c := load(t, s, "AAAAAA-1")
	if len(c.Turns) != 2 || c.Turns[0].Answer.Text != "The answer is. " || c.Turns[1].Answer.Text != "Now." {
		t.Errorf("got %+v", c)
	}
}

// A file that somebody edits, breaks or removes is read as far as it makes sense,
// and nothing of it is lost by going on.
func TestEdited(t *testing.T) {
	for name, test := range map[string]struct {
		edit func(string) string
		want string // the texts of questions and answers then
	}{
		"an answer":             {func(s string) string { return strings.Replace(s, "First.", "First, corrected.", 1) }, "one/First, corrected./two/Second."},
		"line ends":             {func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }, "one/First./two/Second."},
		"cut in the middle":     {func(s string) string { return s[:strings.Index(s, "Second.")+3] }, "one/First./two/Sec"},
		"cut in a comment":      {func(s string) string { return s[:strings.LastIndex(s, "<!-- llmls: answer")+30] }, "one/First./two\n\n## Answer\n\n<!-- llmls: answer {\"model\":\"a/"},
		"without its comments":  {dropComments, "one/First.\n\n\n*answered · 1 s*/two/Second.\n\n\n*answered · 1 s*"},
		"a note above":          {func(s string) string { return "My notes\n" + s }, "one/First./two/Second."},
		"bad data in a comment": {func(s string) string { return strings.Replace(s, `{"title"`, `{title`, 1) }, "one/First./two/Second."},
		"without a question's":  {func(s string) string { return dropComment(s, "question", 1) }, "one/First./two/Second."},
		"without an answer's":   {func(s string) string { return dropComment(s, "answer", 1) }, "one/First./two/Second."},
		"without a turn's":      {func(s string) string { return dropComment(dropComment(s, "question", 1), "answer", 1) }, "one/First./two/Second."},
		"without a heading": {func(s string) string {
			return strings.Replace(dropComment(s, "question", 1), "## Question\n\n\ntwo", "", 1)
		}, "one/First.\n\nSecond."},
		"wrapped":      {func(s string) string { return strings.ReplaceAll(s, `",`, "\",\n") }, "one/First./two/Second."},
		"another text": {func(string) string { return "Hello" }, "Hello/"},
		"nothing":      {func(string) string { return "" }, ""},
		"no text":      {func(string) string { return "\x00\xff\xfe<!-- llmls: \x00" }, "\x00\xff\xfe<!-- llmls: \x00/"},
	} {
		t.Run(name, func(t *testing.T) {
			s, dir := newStore(t)
			tell(t, s, "AAAAAA-1", Question{Title: "Explain", Text: "one"}, "First.")
			tell(t, s, "AAAAAA-1", Question{Text: "two"}, "Second.")
			names, err := filepath.Glob(filepath.Join(dir, "*.md"))
			if err != nil || len(names) != 1 {
				t.Fatal(names, err)
			}
			raw, err := os.ReadFile(names[0])
			must(t, err)
			edited := test.edit(string(raw))
			must(t, os.WriteFile(names[0], []byte(edited), 0o644))
			var parts []string
			for _, turn := range load(t, s, "AAAAAA-1").Turns {
				parts = append(parts, turn.Question.Text, turn.Answer.Text)
			}
			if got := strings.Join(parts, "/"); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			tell(t, s, "AAAAAA-1", Question{Text: "three"}, "Third.")
			c := load(t, s, "AAAAAA-1")
			if last := c.Turns[len(c.Turns)-1]; last.Question.Text != "three" || last.Answer.Text != "Third." {
				t.Errorf("got %+v", last)
			}
			if raw, err := os.ReadFile(names[0]); err != nil || !strings.HasPrefix(string(raw), edited) {
				t.Errorf("the file is now %q, %v", raw, err)
			}
		})
	}
}

// dropComment takes out the nth comment of a kind.
func dropComment(s, kind string, n int) string {
	at := 0
	for range n + 1 {
		at += strings.Index(s[at:], mark+kind) + 1
	}
	at--
	return s[:at] + s[at+strings.Index(s[at:], "\n")+1:]
}

func dropComments(s string) string {
	var b strings.Builder
	for line := range strings.Lines(s) {
		if !strings.HasPrefix(line, mark) {
			b.WriteString(line)
		}
	}
	return b.String()
}

// Several writers of one conversation, and of several, lose nothing.
func TestManyWriters(t *testing.T) {
	s, _ := newStore(t)
	const each = 8
	var group sync.WaitGroup
	for i := range each {
		group.Go(func() {
			for _, id := range []string{"SHARED-1", fmt.Sprintf("OWNONE-%d", i)} {
				store := &Store{State: s.State, Redact: s.Redact} // as of another process
				w := store.Begin(id, Question{Text: fmt.Sprintf("q%d", i)}, Answer{})
				text := ""
				for n := range 20 {
					text += fmt.Sprintf("w%d-%d ", i, n)
					for errors.Is(w.Grow(text, 0), state.ErrLocked) {
						continue
					}
				}
				if err := w.End(text, 0, "stop", "m", ""); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	list, err := s.List(context.Background(), "", "")
	if err != nil || len(list) != each+1 {
		t.Fatalf("%d conversations, %v", len(list), err)
	}
	shared := load(t, s, "SHARED-1")
	if len(shared.Turns) != each {
		t.Fatalf("%d turns", len(shared.Turns))
	}
	for _, turn := range shared.Turns {
		if want := strings.ReplaceAll(turn.Question.Text, "q", "w") + "-19 "; len(strings.Fields(turn.Answer.Text)) != 20 || !strings.HasSuffix(turn.Answer.Text, want) {
			t.Errorf("%s has %q", turn.Question.Text, turn.Answer.Text)
		}
	}
}

// A turn that ends while another process writes in its conversation waits for that,
// and if it lasts too long is kept by itself, whole, and says what it goes on from.
func TestLastTurnIsKept(t *testing.T) {
	for _, patience := range []time.Duration{0, time.Minute} {
		s, _ := newStore(t)
		tell(t, s, "AAAAAA-1", Question{Text: "q"}, "Yes.")
		other := s.Begin("AAAAAA-1", Question{Text: "slow"}, Answer{})
		must(t, other.Grow("Grows and ", 0))
		ctx, cancel := context.WithCancel(t.Context())
		tries, apart, over := 0, "", make(chan struct{})
		k := Keeper{
			Store: &Store{State: s.State, Redact: s.Redact}, Patience: patience,
			Start: func(run func(context.Context)) {
				go func() {
					defer close(over)
					run(ctx)
				}()
			},
			Failed: func(err error) { t.Error(err) },
			Apart:  func(_, to string) { apart = to },
		}
		k.Keep("AAAAAA-1", 0, func() Growing {
			if tries++; tries == 2 && patience > 0 {
				must(t, other.End("Grows and ends.", 0, "stop", "m", ""))
			}
			return Growing{Question: Question{Shown: "quick?", Text: "quick"}, Answer: Answer{Text: "The answer.", Finish: "stop"}, Done: true}
		})
		cancel()
		<-over
		where := "AAAAAA-1"
		if patience == 0 {
			if where = apart; where == "" {
				t.Fatal("it was not kept apart")
			}
			if c := load(t, s, where); c.Title() != "quick? (goes on from AAAAAA-1)" {
				t.Errorf("called %q", c.Title())
			}
		} else if apart != "" {
			t.Errorf("kept apart in %s", apart)
		}
		c := load(t, s, where)
		if last := c.Turns[len(c.Turns)-1]; last.Question.Text != "quick" || last.Answer.Text != "The answer." || last.Finish != "stop" {
			t.Errorf("%s: got %+v", patience, last)
		}
		if patience == 0 {
			must(t, other.End("Grows and ends.", 0, "stop", "m", ""))
		}
	}
}
