package safety

import (
	"encoding/json"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/llmls/llmls/internal/completion/completiontest"
)

func checkInert(t fataler, text string) {
	if err := completiontest.Modeline(text); err != nil {
		t.Fatalf("%v of\n%s", err, text)
	}
}

func TestModelines(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"Vim", "vim: set ft=c:", `vim\: set ft=c:`},
		{"Vim behind a comment", "a\n// vim:ft=c\n\tvi:ft=c\n# ex: ft=c", "a\n// vim\\:ft=c\n\tvi\\:ft=c\n# ex\\: ft=c"},
		{"Vim of a version", " vim700: vim<802: vim=000000000000000000000000000000901: vim>:", ` vim700\: vim<802\: vim=000000000000000000000000000000901\: vim>\:`},
		{"Vim that needs set", "Vim: set ft=c:\nVim900:\t \tset a:", "Vim: se\\t ft=c:\nVim900:\t \tse\\t a:"},
		{"Vim in code", "```vim\n\" vim: fdm=marker\n```\n", "```vim\n\" vim\\: fdm=marker\n```\n"},
		{"Vim behind a fence", "``` vim: ft=c\na\n```\n", "``` vim\\: ft=c\na\n```\n"},
		{"Emacs in its first line", "# -*- mode: server -*-", `# -*\- mode: server -*\-`},
		{"Emacs, overlapping", "-*-*-*-", `-*\-*\-*\-`},
		{"Emacs at the end", "a\n;; Local Variables:\n;; mode: server\n;; End:\n", "a\n;; Local Variables\\:\n;; mode: server\n;; End:\n"},
		{"Emacs in any case", "xlOCAL vARIABLES: LOCAL VARİABLES: local varıables:", `xlOCAL vARIABLES\: LOCAL VARİABLES\: local varıables\:`},
		{"Kate", "// kate: hl C;\nskate: x", "// kate\\: hl C;\nskate\\: x"},
		{"Kate for some", "kate-wildcard(*.md): hl C; kate-mimetype(text/x): hl C;", `kate-wildcard\(*.md): hl C; kate-mimetype\(text/x): hl C;`},
		{"Kate behind a fence", "```kate-wildcard{*}: hl C\n```\n", "```kate-wildcard\\(*): hl C\n```\n"},
		{"what hides it", "v\x00im: ft=c\n-\r*\x1b-", "vim\\: ft=c\n-*\\-"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := string(whole(tt.text))
			if got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
			checkInert(t, got)
			if got := string(pieces(tt.text, everyByte(tt.text)...)); got != tt.want {
				t.Errorf("by the byte\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

// What no editor obeys passes.
func TestNoModelines(t *testing.T) {
	for _, text := range []string{
		"Vim: press Esc, then :wq\n- Vim: options are below, Vim:\nset it\n",
		"lex: a, index: b, hex: 0x1F, (vim: a, `vim: b`, \"ex: c\", viz: d, vim : e, VIM: f, Vi: g",
		"Kate: yes. locate-wildcard, kate-wildcard *, kate - mode",
		"local variables are these\nlocal  variables: a\n",
		"well-known, a-*b, *-*, - * -, -**-, ---*\n| - | * | - |\n",
		"set x\n\n                                set y\n",
	} {
		if got := string(whole(text)); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
}

// modelineTokens are what modelines are made of, with what changes around them.
var modelineTokens = []string{
	"vim", "vi", "ex", "Vim", "vim:", "ex:", "\nVim:", " Vim802:", "set", ":", ":", " ", " ", "\t", "\n", "<", "=", ">", "7", "802", "000000000000", "set", "se", "s", "et", " ft=c:",
	"-", "*", "-*-", "-*", "*-", "Local Variables", "local ", "Var", "local VARİ", "ables", "İables", ":", "kate", "kate:", "kate-wildcard", "\n```kate-wildcard{", "-mimetype", "(", "{", ")",
	"`", "```", "~~~", "\n```\n", "> ", "- ", "\\", "[", "](http://", "](http://kate:80)", "<http://", ">", "|", "é", "\u00a0", "\u200b", "\x00", "\r", "mermaid", "&",
}

func TestModelineOracle(t *testing.T) {
	tokens := slices.Concat(attackTokens, modelineTokens, modelineTokens, modelineTokens)
	all := readers()[:3]
	const rounds = 10 // of rapid's hundred
	for range rounds {
		rapid.Check(t, func(t *rapid.T) {
			text := attack(t, tokens)
			checkInert(t, string(whole(text)))
			checkChunks(t, text, rapid.IntRange(0, len(text)).Draw(t, "cut"))
			checkHarmless(t, text, all)
		})
	}
}

func TestInert(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := attack(t, modelineTokens)
		checkInert(t, Inert(text))
		if again := Inert(Inert(text)); again != Inert(text) {
			t.Fatalf("%q became %q and then %q", text, Inert(text), again)
		}
		raw, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		var back string
		if err := json.Unmarshal(InertJSON(raw), &back); err != nil || back != text {
			t.Fatalf("%s became %s, %v", raw, InertJSON(raw), err)
		}
		checkInert(t, string(InertJSON(raw)))
	})
}
