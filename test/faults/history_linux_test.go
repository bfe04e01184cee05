package faults

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/internal/lsp/lsptest"
	"github.com/llmls/llmls/test/process"
)

// kept waits until a conversation of h holds text, and returns all that they hold.
func kept(t *testing.T, h *process.Home, text string) string {
	t.Helper()
	process.Eventually(t, process.Patience, "it is kept: "+text, func() bool { return strings.Contains(h.Conversations(t), text) })
	return h.Conversations(t)
}

// conversationsOf returns the paths of the conversations of h.
func conversationsOf(t *testing.T, h *process.Home) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(h.Dir, "state", "llmls", "conversations", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

type listed struct {
	Conversation, Title, URI, Model, Source string
	Turns                                   int
}

func (s *server) history(argument map[string]any) (list []listed) {
	s.t.Helper()
	s.Must(s.Command("llmls.history", argument, &list))
	return list
}

// A conversation goes on in another server, on the command line and back again,
// and each of them sees all its turns.
func TestConversationsGoOn(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	u.Scripts([]completiontest.Step{completiontest.Answer("It returns one.")}, []completiontest.Step{completiontest.Answer("Because of line 2.")},
		[]completiontest.Step{completiontest.Answer("In total.py.")}, []completiontest.Step{completiontest.Answer("That is all.")})
	h := llmls.Home(t, u.URL, calm)
	first := start(t, h).ready()
	r, err := first.explain("t")
	first.Must(err)
	kept(t, h, `"finishReason":"stop"`)

	second := start(t, h)
	second.Initialized("")
	if list := second.history(map[string]any{}); len(list) != 1 || list[0].Conversation != r.Conversation || list[0].Turns != 1 || list[0].URI != uri || list[0].Source != conversationsOf(t, h)[0] {
		t.Fatalf("listed %+v", list)
	}
	second.Must(second.Command("llmls.ask", map[string]any{"question": "why?", "conversation": r.Conversation, "partialResultToken": 1}, nil))
	if sent := prompt(t, u); !strings.Contains(sent, "return 1") || !strings.Contains(sent, "It returns one.") || !strings.Contains(sent, "why?") {
		t.Errorf("another server sent %q", sent)
	}
	kept(t, h, "Because of line 2.")
	process.Eventually(t, process.Patience, "the second turn is whole", func() bool { return strings.Count(h.Conversations(t), "llmls: end") == 2 })

	c := h.Run(t, "ask", "--continue", r.Conversation, "where", "is", "it?")
	c.Exits(0)
	if sent := prompt(t, u); !strings.Contains(sent, "Because of line 2.") || !strings.Contains(sent, "where is it?") {
		t.Errorf("the command line sent %q", sent)
	}
	// The first server was there before the others, and knows by now.
	first.Must(first.Command("llmls.ask", map[string]any{"question": "more?", "conversation": r.Conversation, "partialResultToken": 1}, nil))
	sent := prompt(t, u)
	for _, part := range []string{"return 1", "It returns one.", "why?", "Because of line 2.", "where is it?", "In total.py.", "more?"} {
		if !strings.Contains(sent, part) {
			t.Errorf("the first server sent %q without %q", sent, part)
		}
	}
	process.Eventually(t, process.Patience, "the last turn is whole", func() bool { return strings.Count(h.Conversations(t), "llmls: end") == 4 })
	shown := h.Run(t, "history", "show", r.Conversation)
	shown.Exits(0)
	if text := shown.Stdout.String(); !strings.Contains(text, "It returns one.") || !strings.Contains(text, "That is all.") || strings.Contains(text, "<!--") {
		t.Errorf("shown: %q", text)
	}
	for query, want := range map[string]int{"LINE one": 1, "nonsense": 0} {
		if list := first.history(map[string]any{"query": query}); len(list) != want {
			t.Errorf("%q: %+v", query, list)
		}
	}
	if list := first.history(map[string]any{"uri": "file:///p/other.py"}); len(list) != 0 {
		t.Errorf("about another document: %+v", list)
	}
	h.Run(t, "history", "rm", "ZZZZZZ-1").Exits(1)
	h.Run(t, "history", "rm", r.Conversation).Exits(0)
	if n := len(conversationsOf(t, h)); n != 0 {
		t.Errorf("%d files are left", n)
	}
	c = h.Run(t, "ask", "--continue", "anything")
	c.Exits(1)
	c.Says("no conversation")
}

// What has arrived is in the file within a second, and stays there when the server
// is killed; the next one goes on from it.
func TestConversationSurvivesKill(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	u.Scripts([]completiontest.Step{completiontest.Delta("It returns one, as you can see in "), completiontest.Pause("held")}, []completiontest.Step{completiontest.Answer("Yes.")})
	h := llmls.Home(t, u.URL, calm)
	s := start(t, h).ready()
	s.StartCommand("llmls.explain", place("partialResultToken", "t"))
	u.WaitPaused("held")
	kept(t, h, "as you can see in")
	s.Cut = true
	s.Signal(syscall.SIGKILL)
	s.EndsWithin(process.Patience)
	u.Resume("held")
	next := start(t, h)
	next.Initialized("")
	list := next.history(map[string]any{})
	if len(list) != 1 || list[0].Turns != 1 {
		t.Fatalf("listed %+v", list)
	}
	next.Must(next.Command("llmls.ask", map[string]any{"question": "and then?", "conversation": list[0].Conversation, "partialResultToken": 1}, nil))
	if sent := prompt(t, u); !strings.Contains(sent, "It returns one, as you can see in") {
		t.Errorf("sent %q", sent)
	}
	if all := kept(t, h, "and then?"); strings.Index(all, "as you can see in") > strings.Index(all, "and then?") {
		t.Errorf("the file is %q", all)
	}
}

// Files of conversations are the user's alone, and hold neither secrets nor lines
// that an editor obeys.
func TestConversationsArePrivate(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	u.Script(completiontest.Answer("It is\n# vim: set ft=sh:\npass", "word = \"tr0ub4dor&3xKcd\"\n"))
	h := llmls.Home(t, u.URL, calm)
	h.Through = []string{"sh", "-c", `umask 0; exec "$0" "$@"`}
	s := start(t, h).ready()
	s.Open("file:///p/b.py", "python", "key = '"+process.Key+"'\n# vim: set ft=sh:\npassword = \"tr0ub4dor&3xKcd\"\n")
	s.Must(s.Command("llmls.ask", map[string]any{"uri": "file:///p/b.py", "question": "is " + process.Key + " right?", "partialResultToken": 1}, nil))
	all := kept(t, h, "llmls: end")
	for _, bad := range []string{process.Key, "tr0ub4dor", "vim: set"} {
		if strings.Contains(all, bad) {
			t.Errorf("the file holds %q", bad)
		}
	}
	for _, name := range append(conversationsOf(t, h), filepath.Join(h.Dir, "state", "llmls", "conversations")) {
		info, err := os.Stat(name)
		if err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
}

// What is not to be kept is not, and what is too old goes.
func TestHistoryIsBounded(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	u.Script(completiontest.Answer("Yes."))
	none := llmls.Home(t, u.URL, "history = false\n"+calm)
	s := start(t, none).ready()
	_, err := s.explain("t")
	s.Must(err)
	none.Run(t, "ask", "why?").Exits(0)
	s.Must(s.Call(s.Context(), "shutdown", nil, nil)) // which waits for what is written
	if names := conversationsOf(t, none); len(names) != 0 {
		t.Errorf("kept %q", names)
	}

	h := llmls.Home(t, u.URL, calm+"[history]\ndays = 3\n")
	h.Run(t, "ask", "old?").Exits(0)
	old := conversationsOf(t, h)
	if len(old) != 1 {
		t.Fatalf("kept %q", old)
	}
	at := time.Now().Add(-73 * time.Hour)
	if err := os.Chtimes(old[0], at, at); err != nil {
		t.Fatal(err)
	}
	copied, err := os.ReadFile(old[0])
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{}
	for name, text := range map[string]string{"notes": string(copied), "2026-01-01-my-notes": string(copied), "2026-01-01-MEETING": "the user's own", "2026-01-01-AGENDA-1": "likewise"} {
		notes := h.Write(t, "state/llmls/conversations/"+name+".md", text)
		if err := os.Chtimes(notes, at, at); err != nil {
			t.Fatal(err)
		}
		want[notes] = true
	}
	left := func(own int) {
		t.Helper()
		got := map[string]bool{}
		for _, path := range conversationsOf(t, h) {
			got[path] = true
		}
		if len(got) != len(want)+own || got[old[0]] {
			t.Errorf("left: %v", got)
		}
		for notes := range want {
			if !got[notes] {
				t.Errorf("%s is gone", notes)
			}
		}
	}
	h.Run(t, "ask", "new?").Exits(0)
	left(1)
	c := h.Run(t, "history", "rm", "--all")
	c.Exits(1)
	c.Says("remove ", "2026-01-01-AGENDA-1.md yourself")
	left(0)
}

// A conversation about a file that may not be sent any more goes nowhere, in
// another server and on the command line.
func TestEarlierConversationIsJudged(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	u.Script(completiontest.Answer("Yes."))
	h := llmls.Home(t, u.URL, calm)
	path := h.Write(t, "w/total.py", document)
	folder := filepath.Dir(path)
	s := start(t, h)
	s.Initialized("", folder)
	var r result
	s.Must(s.Command("llmls.explain", map[string]any{"uri": lsptest.URI(path), "range": lsptest.Range(0, 0, 1, 0), "partialResultToken": 1}, &r))
	kept(t, h, "llmls: end")
	h.Write(t, "w/.aiignore", "*.py\n")
	before := len(u.Requests())
	next := start(t, h)
	next.Initialized("", folder)
	refused(t, "another server", next.Command("llmls.ask", map[string]any{"question": "why?", "conversation": r.Conversation, "partialResultToken": 1}, nil), ".aiignore")
	c := h.Run(t, "ask", "--continue", r.Conversation, "why?")
	c.Exits(1)
	c.Says("was not sent", ".aiignore")
	if n := len(u.Requests()); n != before {
		t.Errorf("%d requests were sent", n-before)
	}
}

// A disk that cannot be written costs one warning and no answer.
func TestConversationCannotBeKept(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	u.Script(completiontest.Answer("Yes."))
	h := llmls.Home(t, u.URL, calm)
	h.Write(t, "state/llmls/conversations", "a file where a directory belongs")
	s := start(t, h).ready()
	for range 3 {
		if r, err := s.explain("t"); err != nil || r.Text != "Yes." {
			t.Errorf("got %+v, %v", r, err)
		}
	}
	warning := func(m message) bool {
		return m.Method == "window/showMessage" && strings.Contains(string(m.Params), "cannot be kept")
	}
	s.Await("the warning", warning)
	s.stillWorks()
}

// Two servers that answer in one conversation at the same time lose nothing, and mix
// nothing up.
func TestTwoServersInOneConversation(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	u.Scripts([]completiontest.Step{completiontest.Answer("It returns one.")},
		[]completiontest.Step{completiontest.Delta("Alpha beta "), completiontest.Pause("held"), completiontest.Answer("gamma.")},
		[]completiontest.Step{completiontest.Answer("Delta epsilon.")})
	h := llmls.Home(t, u.URL, calm)
	first, second := start(t, h).ready(), start(t, h)
	second.Initialized("")
	r, err := first.explain("t")
	first.Must(err)
	kept(t, h, `"finishReason":"stop"`)
	ask := func(s *server, question string) {
		s.StartCommand("llmls.ask", map[string]any{"question": question, "conversation": r.Conversation, "partialResultToken": question})
	}
	ask(first, "why?")
	u.WaitPaused("held")
	kept(t, h, "Alpha beta")
	ask(second, "where?")
	process.Eventually(t, process.Patience, "the second server has its answer", func() bool { return second.Streamed("where?")["delta"] == "Delta epsilon." })
	u.Resume("held")
	process.Eventually(t, process.Patience, "all three turns are whole", func() bool { return strings.Count(h.Conversations(t), "llmls: end") == 3 })
	var turns []struct{ Question, Text string }
	first.Must(first.Command("llmls.answers", map[string]any{"conversation": r.Conversation}, &turns))
	var got []string
	for _, turn := range turns { // the latest first
		got = append(got, turn.Question+": "+turn.Text)
	}
	if want := "where?: Delta epsilon./why?: Alpha beta gamma./: It returns one."; strings.Join(got, "/") != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if n := len(conversationsOf(t, h)); n != 1 {
		t.Errorf("%d files", n)
	}
}

// A turn that ends while another process still writes in its conversation is kept by
// itself, and a message says where: on the command line, and when a server is shut
// down.
func TestTurnIsKeptApart(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	u.Scripts([]completiontest.Step{completiontest.Answer("It returns one.")},
		[]completiontest.Step{completiontest.Delta("Alpha beta "), completiontest.Pause("held"), completiontest.Answer("gamma.")},
		[]completiontest.Step{completiontest.Answer("From a terminal.")}, []completiontest.Step{completiontest.Answer("From an editor.")})
	h := llmls.Home(t, u.URL, calm)
	first, second := start(t, h).ready(), start(t, h)
	second.Initialized("")
	r, err := first.explain("t")
	first.Must(err)
	kept(t, h, `"finishReason":"stop"`)
	first.StartCommand("llmls.ask", map[string]any{"question": "why?", "conversation": r.Conversation, "partialResultToken": "why"})
	u.WaitPaused("held")
	kept(t, h, "Alpha beta")
	c := h.Run(t, "ask", "--continue", r.Conversation, "here?")
	c.Exits(0)
	c.Says("Open the conversation ", "still growing in "+r.Conversation)
	second.Must(second.Command("llmls.ask", map[string]any{"question": "there?", "conversation": r.Conversation, "partialResultToken": 1}, nil))
	second.Must(second.Call(second.Context(), "shutdown", nil, nil))
	second.Await("the message", func(m message) bool {
		return m.Method == "window/showMessage" && strings.Contains(string(m.Params), "still growing in "+r.Conversation)
	})
	u.Resume("held")
	all := kept(t, h, "gamma.")
	for _, want := range []string{"From a terminal.", "From an editor.", "# here? (goes on from " + r.Conversation + ")", "# there? (goes on from " + r.Conversation + ")"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not in %q", want, all)
		}
	}
	if n := len(conversationsOf(t, h)); n != 3 {
		t.Errorf("%d files", n)
	}
}

// What a person writes into the file of a conversation is sent along from then on,
// and stays there to the byte.
func TestConversationIsEdited(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	u.Scripts([]completiontest.Step{completiontest.Answer("It returns one.")}, []completiontest.Step{completiontest.Answer("Yes.")})
	h := llmls.Home(t, u.URL, calm)
	h.Run(t, "ask", "what is it?").Exits(0)
	path := conversationsOf(t, h)[0]
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	edited := "My notes.\n" + strings.Replace(string(raw), "It returns one.", "It returns 1, **always**.", 1) + "\nAnd a last line without an end"
	if err := os.WriteFile(path, []byte(edited), 0o644); err != nil {
		t.Fatal(err)
	}
	s := start(t, h)
	s.Initialized("")
	id := s.history(map[string]any{})[0].Conversation
	s.Must(s.Command("llmls.ask", map[string]any{"question": "really?", "conversation": id, "partialResultToken": 1}, nil))
	if sent := prompt(t, u); !strings.Contains(sent, "It returns 1, **always**.") || strings.Contains(sent, "It returns one.") {
		t.Errorf("sent %q", sent)
	}
	kept(t, h, "really?")
	process.Eventually(t, process.Patience, "the next turn is whole", func() bool { return strings.Count(h.Conversations(t), "llmls: end") == 2 })
	if after, err := os.ReadFile(path); err != nil || !strings.HasPrefix(string(after), edited) {
		t.Errorf("the file is %q, %v", after, err)
	}
}
