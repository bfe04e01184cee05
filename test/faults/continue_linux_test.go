package faults

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion/completiontest"
)

// It is never the wrong conversation that goes on: an id counts in any case of its
// letters, one without a question is no question, and neither an empty name nor an
// empty file stands for a conversation.
func TestContinueMeansOne(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	u.Scripts([]completiontest.Step{completiontest.Answer("The first.")}, []completiontest.Step{completiontest.Answer("The second.")},
		[]completiontest.Step{completiontest.Answer("More of the first.")}, []completiontest.Step{completiontest.Answer("More of what has turns.")})
	h := llmls.Home(t, u.URL, calm)
	h.Run(t, "ask", "one?").Exits(0)
	first := conversationsOf(t, h)[0]
	id := strings.TrimSuffix(filepath.Base(first)[len("2006-01-02-"):], ".md")
	h.Run(t, "ask", "two?").Exits(0)
	requests := len(u.Requests())

	for _, args := range [][]string{{"--continue", id}, {"--continue", strings.ToLower(id)}, {"--continue=", "three?"}} {
		c := h.Run(t, append([]string{"ask"}, args...)...)
		c.Exits(1)
		c.Says("write a")
	}
	if n := len(u.Requests()); n != requests {
		t.Errorf("%d requests were made", n-requests)
	}

	h.Run(t, "ask", "--continue", strings.ToLower(id), "three?").Exits(0)
	if sent := prompt(t, u); !strings.Contains(sent, "The first.") || strings.Contains(sent, "The second.") {
		t.Errorf("sent %q", sent)
	}

	empty := filepath.Join(filepath.Dir(first), "2999-01-01-ZZZZZZ-1.md")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	h.Run(t, "ask", "--continue", "four?").Exits(0)
	if sent := prompt(t, u); !strings.Contains(sent, "More of the first.") {
		t.Errorf("sent %q", sent)
	}

	text, err := os.ReadFile(first)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(filepath.Dir(first), "2020-01-01-"+id+".md"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	c := h.Run(t, "history", "rm", "--workspace", "")
	c.Exits(1)
	c.Says("write a directory")
	h.Run(t, "history", "rm", strings.ToLower(id)).Exits(0)
	for _, path := range conversationsOf(t, h) {
		if strings.Contains(path, id) {
			t.Errorf("%s is left", path)
		}
	}
}
