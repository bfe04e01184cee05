package chat

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestFindQuestion(t *testing.T) {
	for _, tt := range []struct{ name, before, selection, want string }{
		{"none", "", "x := 1\n", ""},
		{"plain comment", "", "// adds one\nx++\n", ""},
		{"slashes", "", "// ? why a map\nm := map[int]int{}\n", "why a map"},
		{"no space", "", "//?why a map\n", "why a map"},
		{"doc slashes", "", "    /// ask: who frees it?\n", "who frees it?"},
		{"ask in capitals", "", "# ASK: is this safe\n", "is this safe"},
		{"hash", "", "# ? what is n\nn = 3\n", "what is n"},
		{"dashes", "", "-- ? is the join needed\nSELECT 1;\n", "is the join needed"},
		{"semicolons", "", ";; ? what is consed here\n(cons 1 2)", "what is consed here"},
		{"percent", "", "% ? which package\n\\usepackage{x}\n", "which package"},
		{"vim", "", "\" ? what does it map\nnnoremap x y\n", "what does it map"},
		{"JSON is no comment", "", "{\n\"?key\": 1\n}", ""},
		{"block", "", "/* ? why volatile */\nvolatile int x;\n", "why volatile"},
		{"block over lines", "", "/*\n * ask: why volatile\n * and not atomic?\n */\nint x;\n", "why volatile and not atomic?"},
		{"block without stars", "", "/* ? why volatile\n   and not atomic? */\nint x;\n", "why volatile and not atomic?"},
		{"markup", "", "<!-- ? is it valid -->\n<p>\n", "is it valid"},
		{"continued", "", "// ? why is this\n// sorted twice\nsort(a)\n// unrelated\n", "why is this sorted twice"},
		{"ends at an empty comment", "", "# ? why\n#\n# more\n", "why"},
		{"second question", "", "# ? one\n# ? two\n", "one"},
		{"after code", "", "total += x  // ? why not float\n", "why not float"},
		{"after code, python", "", "total += x  # ask: why not float\n", "why not float"},
		{"ternary", "", "a = b ? c : d; // done\n", ""},
		{"url", "", "fetch('http://x/?q=1')\n", ""},
		{"closing php", "", "// ?>\n", ""},
		{"only a sign", "", "// ?\n", ""},
		{"windows line ends", "", "// ? why\r\n// two lines\r\nx\r\n", "why two lines"},
		{"above", "x = 1\n# ? what is y\n# for\n", "y = 2\n", "what is y for"},
		{"above, indented selection", "# ? what is y\n    ", "y = 2\n", "what is y"},
		{"above in a block", "/* ? what\n   is y */\n", "y = 2\n", "what is y"},
		{"not past a gap", "# ? what is y\n\n", "y = 2\n", ""},
		{"not past code", "# ? what is y\nx = 1\n", "y = 2\n", ""},
		{"selection first", "# ? above\n", "# ? inside\ny = 2\n", "inside"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := FindQuestion(tt.before, tt.selection); got != tt.want {
				t.Errorf("FindQuestion(%q, %q) = %q, want %q", tt.before, tt.selection, got, tt.want)
			}
		})
	}
}

func TestLongQuestionIsCut(t *testing.T) {
	got := FindQuestion("", "// ? "+strings.Repeat("why é ", 60)+"\n// "+strings.Repeat("and so ", 300)+"\n")
	if n := utf8.RuneCountInString(got); n > 300 || n < 290 || !strings.HasPrefix(got, "why é why") || !strings.HasSuffix(got, "…") {
		t.Errorf("%d characters: %q", n, got)
	}
}
