package chat_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/llmls/llmls/internal/completion/chat"
)

func TestMentions(t *testing.T) {
	t.Parallel()
	for question, want := range map[string][]string{
		"what does #file:a.go do?":               {"#file:a.go file a.go 0-0"},
		"#file:a/b.go:3":                         {"#file:a/b.go:3 file a/b.go 3-3"},
		"see #file:a.go:3-9, please":             {"#file:a.go:3-9 file a.go 3-9"},
		"is it #file:a.go?":                      {"#file:a.go file a.go 0-0"},
		"(as in #file:a.go:7).":                  {"#file:a.go:7 file a.go 7-7"},
		"#file:a.go, #file:b.go. #symbol:f":      {"#file:a.go file a.go 0-0", "#file:b.go file b.go 0-0", "#symbol:f symbol f 0-0"},
		`#file:"my notes.md":3-9, or`:            {`#file:"my notes.md":3-9 file my notes.md 3-9`},
		`#file:"my notes.md".`:                   {`#file:"my notes.md" file my notes.md 0-0`},
		"#file:app/(group)/page.tsx:2":           {"#file:app/(group)/page.tsx:2 file app/(group)/page.tsx 2-2"},
		"#file:größe.py":                         {"#file:größe.py file größe.py 0-0"},
		`"#file:a.go"`:                           {"#file:a.go file a.go 0-0"},
		"`#symbol:Decoder.Open`?":                {"#symbol:Decoder.Open symbol Decoder.Open 0-0"},
		"#symbol:std::max()":                     {"#symbol:std::max( symbol std::max 0-0"},
		"#file:a.go:9-3":                         {"#file:a.go:9-3 file a.go 9-3"},
		"line\n#file:a.go\nmore":                 {"#file:a.go file a.go 0-0"},
		"Explain #diff, please":                  {"#diff diff  0-0"},
		"is #diff:HEAD~2 good?":                  {"#diff:HEAD~2 diff HEAD~2 0-0"},
		`#diff:"HEAD@{1 hour ago}"`:              {`#diff:"HEAD@{1 hour ago}" diff HEAD@{1 hour ago} 0-0`},
		"#diff: why?":                            {"#diff diff  0-0"},
		"#different #diffs #diff_x a#diff":       nil,
		"#include <stdio.h> and #define F 1":     nil,
		"#123, #filename, #files:a and #symbols": nil,
		"#file: a.go, #symbol: and #file:?":      nil,
		"issue#file:a.go and a#symbol:b":         nil,
		"# file:a.go":                            nil,
		"https://example.org/x#file:a":           nil,
		"":                                       nil,
	} {
		var got []string
		for _, m := range chat.Mentions(question) {
			got = append(got, fmt.Sprintf("%s %s %s %d-%d", m.Text, m.Kind, m.Name, m.First, m.Last))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: -want +got:\n%s", question, diff)
		}
	}
}

// What a mention is does not depend on the sentence around it, and its text
// stands in the question.
func TestMentionsInSentences(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[a-zA-Z0-9_/-]{1,12}(\.[a-z]{1,4})?`).Draw(t, "name")
		text := rapid.SampledFrom([]string{"#file:" + name, "#file:" + name + ":3-9", "#symbol:" + name}).Draw(t, "mention")
		before := rapid.SampledFrom([]string{"", "why ", "(", "a, ", "\n", "#123 ", "#include "}).Draw(t, "before")
		behind := rapid.SampledFrom([]string{"", "?", ".", ",", ")", ").", "?)", " and", ", and", "\n"}).Draw(t, "behind")
		list := chat.Mentions(before + text + behind)
		if len(list) != 1 || list[0].Text != text || list[0].Name != name {
			t.Fatalf("%q: %+v", before+text+behind, list)
		}
		if question := rapid.String().Draw(t, "anything"); true {
			for _, m := range chat.Mentions(question) {
				if !strings.Contains(question, m.Text) {
					t.Fatalf("%q is not in %q", m.Text, question)
				}
			}
		}
	})
}

// The code that a question mentions stands there verbatim below a heading with
// its file and lines, and the question calls it so.
func TestMentionedCode(t *testing.T) {
	t.Parallel()
	turn := &chat.Turn{
		Question: "Does #file:a.go:2-3 need #symbol:F? Not #file:b.go.",
		Materials: []chat.Material{
			{Mention: "#file:a.go:2-3", Path: "a.go", First: 2, Last: 3, Text: "```\n\tx := F()\n", Before: "package a\n", After: "}\n"},
			{Mention: "#symbol:F", Path: "f.go", First: 7, Last: 7, Text: "func F() {}"},
			{Mention: "#symbol:F", Path: "g.go", First: 8, Last: 8, Text: "func F(int) {}", More: 3},
		},
	}
	p, err := chat.Assemble(turn, &chat.Conversation{MaxTokens: 4000})
	if err != nil {
		t.Fatal(err)
	}
	want := "Mentioned code, `a.go`, lines 2-3:\n````go\n```\n\tx := F()\n````\n\n" +
		"Mentioned code, `f.go`, line 7:\n```go\nfunc F() {}\n```\n\nMentioned code, `g.go`, line 8:\n```go\nfunc F(int) {}\n```\n\n" +
		"Does `a.go` (lines 2-3) need `F` in `f.go` (line 7) and `F` in `g.go` (line 8)? Not #file:b.go."
	if diff := cmp.Diff(want, p.User.Content); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if len(p.LeftOut) != 1 || !strings.HasPrefix(p.LeftOut[0].What, "3 more that #symbol:F") {
		t.Errorf("left out: %v", p.LeftOut)
	}
	if len(p.Related) != 3 || p.Related[0].Why != "#file:a.go:2-3" || p.Related[0].Place() != "a.go, lines 2-3" {
		t.Errorf("shown: %v", p.Related)
	}
	turn.Materials[0].Text = strings.Repeat("x := F()\n", 2000)
	if _, err := chat.Assemble(turn, &chat.Conversation{MaxTokens: 4000}); err == nil || !strings.Contains(err.Error(), "what the question mentions is about") {
		t.Errorf("too much of it: %v", err)
	}
}

// Of what changed each file has its share of the room; what is made by programs
// is told in a line, and what has no room is named.
func TestChanges(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a line of some words\n", 4000)
	changes := &chat.Changes{Since: "main~2", Files: []chat.Change{
		{Path: "big.txt", Here: true, New: long},
		{Path: "gone.go", Was: true, Old: "package gone\n"},
		{Path: "small.go", Was: true, Here: true, Old: "package a\n\nvar x = 1 // <|im_end|>\n", New: "package a\n\nvar x = 2 // <|im_end|>\n"},
		{Path: "go.sum", Was: true, Here: true, Old: "a\n", New: "a\nb\n"},
		{Path: "x.go", Here: true, New: "// Code generated by gen. DO NOT EDIT.\n"},
		{Path: "logo.png", Was: true, Here: true, Why: chat.ChangedBinary},
	}, Withheld: []chat.LeftOut{{What: "the change of .env", Why: "it stays"}}, More: 2}
	turn := &chat.Turn{Question: chat.ExplainChanges("main~2"), Materials: []chat.Material{{Mention: `#diff:"main~2"`, Changes: changes}}}
	p, err := chat.Assemble(turn, &chat.Conversation{MaxTokens: 4000})
	if err != nil {
		t.Fatal(err)
	}
	content := p.User.Content
	for _, want := range []string{
		"Changes since `main~2`:\n\n", "New, `big.txt`, lines 1-", "Deleted, `gone.go`, line 1:\n```diff\n@@ -1,1 +0,0 @@\n-package gone\n```\n",
		"Changed, `small.go`, lines 1-3:\n```diff\n@@ -1,3 +1,3 @@\n package a\n \n-var x = 1 // <\\|im_end|>\n+var x = 2 // <\\|im_end|>\n```\n",
		"- `go.sum`: a lock file, 1 lines added, 0 removed\n- `x.go`: new, generated, 1 lines added, 0 removed\n- `logo.png`: no text\n- and 2 more files\n",
		"\n\nExplain the changes since `main~2`: what do they do, and what may they break?",
	} {
		if !strings.Contains(content, want) {
			t.Errorf("no %q in %.3000q", want, content)
		}
	}
	if p.Tokens > 4000 || p.Tokens < 2500 {
		t.Errorf("%d tokens", p.Tokens)
	}
	var left []string
	for _, l := range p.LeftOut {
		left = append(left, l.What)
	}
	if all := strings.Join(left, "\n"); len(left) != 3 || left[0] != "the change of .env" || !strings.HasSuffix(left[1], "parts of the change of big.txt") {
		t.Errorf("left out: %s", all)
	}
	if !chat.AboutChanges(turn.Question) || chat.AboutChanges("Explain #diff") || turn.Title() != "Explain changes" {
		t.Errorf("%q is called %q", turn.Question, turn.Title())
	}
}
