package chat

import (
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion/related"
)

// find is related.Collect for lines of a text.
func find(path, text string, first, last int, source related.Source) *related.Result {
	return related.Collect(&related.Query{
		File: related.NewFile(path, "", text), First: first, Last: last, Budget: 1200, Tokens: EstimateTokens, Source: source,
	})
}

// A library is a related.Source: texts by path.
type library map[string]string

func (l library) File(path string) *related.File {
	if text, ok := l[path]; ok {
		return related.NewFile(path, "", text)
	}
	return nil
}

func (l library) Names(string) []string { return nil }

func TestRelated(t *testing.T) {
	code := func() *Code {
		c := &Code{
			Path: "a.c", FirstLine: 501, LastLine: 501, Text: "int x = before7 + before9;\n",
			Before: lines(500, "int before%d;"), After: lines(500, "int after%d;"),
		}
		c.Related = find(c.Path, c.Before+c.Text+c.After, 501, 501, nil)
		return c
	}
	t.Run("what is used, and what stands next to it", func(t *testing.T) {
		p, err := Assemble(&Turn{Code: code()}, &Conversation{Related: 1200})
		if err != nil {
			t.Fatal(err)
		}
		for text, want := range map[string]bool{
			"before7;": true, "before8;": false, "before9;": true, "before499;": true, "before490;": false, "after0;": true, "after9;": false,
		} {
			if got := strings.Contains(p.User.Content, text); got != want {
				t.Errorf("contains %q: %v, want %v", text, got, want)
			}
		}
		if len(p.LeftOut) != 0 {
			t.Errorf("left out %v, want nothing", p.LeftOut)
		}
	})
	t.Run("each piece that has no room is named", func(t *testing.T) {
		for _, conversation := range []Conversation{{MaxTokens: 190, Related: 1200}, {Related: 45}} {
			whole, err := Assemble(&Turn{Code: code()}, &Conversation{Related: 1200})
			if err != nil {
				t.Fatal(err)
			}
			p, err := Assemble(&Turn{Code: code()}, &conversation)
			if err != nil {
				t.Fatal(err)
			}
			if len(p.Related) == 0 || len(p.LeftOut) == 0 || len(p.Related)+len(p.LeftOut) != len(whole.Related) {
				t.Errorf("%+v: %d pieces, left out %v, want %d together", conversation, len(p.Related), p.LeftOut, len(whole.Related))
			}
			if conversation.MaxTokens > 0 && p.Tokens > conversation.MaxTokens {
				t.Errorf("%d tokens, want at most %d", p.Tokens, conversation.MaxTokens)
			}
		}
	})
	t.Run("0 turns it off", func(t *testing.T) {
		p, err := Assemble(&Turn{Code: code()}, &Conversation{})
		if err != nil {
			t.Fatal(err)
		}
		if len(p.Related) != 0 || strings.Contains(p.User.Content, relatedHeading) {
			t.Errorf("%v in %q", p.Related, p.User.Content)
		}
	})
}

// A selection inside a line comes with its whole line, of a long one with 400
// characters on each side.
func TestTornLines(t *testing.T) {
	for _, tt := range []struct {
		name         string
		code         Code
		heading      string
		want         []string
		leftOut      int
		wantNoPieces bool
	}{
		{
			name: "in a line", code: Code{FirstLine: 2, LastLine: 2, Before: "x\n\tgrüße(", Text: "b + c", After: ")\r\ny"},
			heading: "line 2, columns 8-12:", want: []string{"@@ 2\n\tgrüße(b + c)\n"},
		},
		{
			name: "two ends", code: Code{FirstLine: 1, LastLine: 3, Before: "f(", Text: "a,\nb,\nc", After: ") // end\n"},
			heading: "lines 1-3, from column 3, to column 1:", want: []string{"@@ 1\nf(a,\n", "@@ 3\nc) // end\n"},
		},
		{
			name: "one end", code: Code{FirstLine: 1, LastLine: 2, Before: "f(", Text: "a,\nb)\n", After: "g()\n"},
			heading: "lines 1-2, from column 3:", want: []string{"@@ 1\nf(a,\n"},
		},
		{
			name: "indentation is nothing", code: Code{FirstLine: 1, LastLine: 1, Before: "\t\t", Text: "a()", After: " \nb()\n"},
			heading: "line 1:", wantNoPieces: true,
		},
		{
			name: "a bundle", code: Code{FirstLine: 1, LastLine: 1, Before: strings.Repeat("é", 1<<20), Text: "code", After: strings.Repeat("ü", 1<<20)},
			heading: "line 1, columns 1048577-1048580:",
			want:    []string{"@@ 1\n…" + strings.Repeat("é", 400) + "code" + strings.Repeat("ü", 400) + "…\n"}, leftOut: 2,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := Assemble(&Turn{Code: &tt.code}, &Conversation{Related: 4000})
			if err != nil {
				t.Fatal(err)
			}
			content := p.User.Content
			if !strings.Contains(content, selectionHeading+", "+tt.heading+"\n") {
				t.Errorf("want the heading %q in %.2000q", tt.heading, content)
			}
			for _, want := range tt.want {
				if !strings.Contains(content, want) {
					t.Errorf("want %q in %.2000q", want, content)
				}
			}
			if tt.wantNoPieces && len(p.Related) > 0 || len(p.Related) != len(tt.want) || len(p.LeftOut) != tt.leftOut {
				t.Errorf("pieces %v, left out %v", p.Related, p.LeftOut)
			}
		})
	}
}
