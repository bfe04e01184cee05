package safety

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What an answer may try, and what is left of it.
func TestAttacks(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"image", "![a](http://e.x/?q=1)", `!\[a (e.x)](http://e.x/?q=1)`},
		{"reference image", "![a][b]\n\n[b]: http://e.x/", "!\\[a][b]\n\n[b]\\: http://e.x/"},
		{"shortcut image", "![b]", `!\[b]`},
		{"wiki embed", "![[a.png]]", `!\[\[a.png]]`},
		{"wiki link", "[[a|b]]", `[\[a|b]]`},
		{"HTML image", "<img src=x>", `\<img src=x>`},
		{"HTML over lines", "<img\nsrc=x>", "\\<img\nsrc=x>"},
		{"comment", "<!-- a -->", `\<!-- a -->`},
		{"end of a tag", "</details>", `\</details>`},
		{"processing", "<?a?>", `\<?a?>`},
		{"escape of the escape", `\\<b> \\\<b>`, `\\\<b> \\\<b>`},
		{"escape in code that never ends", "`\\<b>", "`\\<b>"},
		{"URL takes the escape along", `http://e.x/<b> http://e.x/\<b>`, `http://e.x/&lt;b> http://e.x/\&lt;b>`},
		{"escape at a line's end", "\\  \n<b>", "\\  \n&lt;b>"},
		{"and of three", "\\\\\\\n<b>", "\\\\\\\n&lt;b>"},
		{"command", "[run](command:workbench.action.terminal.new)", `[run]\(command:workbench.action.terminal.new)`},
		{"script", "[a](javascript:alert(1))", `[a]\(javascript:alert(1))`},
		{"scheme by entity", "[a](&#x6A;avascript:x)", `[a]\(&#x6A;avascript:x)`},
		{"file", "[a](file:///etc/passwd)", `[a]\(file:///etc/passwd)`},
		{"data", "[a](data:text/html,x)", `[a]\(data:text/html,x)`},
		{"relative", "[a](/b) [a](b.md) [a](//e.x)", `[a]\(/b) [a]\(b.md) [a]\(//e.x)`},
		{"angle brackets", "[a](<http://e.x>)", `[a]\(<http://e.x>)`},
		{"title", `[a](http://e.x "b") [a](http://e.x/c 'b')`, `[a (e.x)](http://e.x "b") [a (e.x)](http://e.x/c 'b')`},
		{"title that parsers differ on", `[a](http://e.x "b" "c") [a](http://e.x "\"") [a](http://e.x "![b]")`, `[a]\(http://e.x "b" "c") [a]\(http://e.x "\"") [a]\(http://e.x "!\[b]")`},
		{"user", "[a](https://good.com@e.x)", `[a]\(https://good.com@e.x)`},
		{"no host", "[a](https:///e.x) [a](http://:80/) [a](http://-e.x)", `[a]\(https:///e.x) [a]\(http://:80/) [a]\(http://-e.x)`},
		{"parenthesis", "[a](http://e.x/)b)", "[a (e.x)](http://e.x/)b)"},
		{"other host shown", "[good.com](https://e.x/)", "[good.com (e.x)](https://e.x/)"},
		{"host at the end of another", "[notgood.com](https://good.com)", "[notgood.com (good.com)](https://good.com)"},
		{"label over lines", "[a\nb](http://e.x)", "[a\nb (e.x)](http://e.x)"},
		{"host that viewers decode", "http://xn--80a.x/ XN--80A.x xn-- [a](http://b.xn--80a.x) `xn--80a`", "http://xn- -80a.x/ XN- -80A.x xn- - [a]\\(http://b.xn- -80a.x) `xn--80a`"},
		{"autolink", "<javascript:x> <http://a@e.x> <a@e.x>", `\<javascript:x> \<http://a@e.x> \<a@e.x>`},
		{"definition in a quote", "> - [a]: http://e.x", "> - [a]\\: http://e.x"},
		{"definition over lines", "[a\nb]: http://e.x", "[a\nb]\\: http://e.x"},
		{"definition with code", "[`]: a`", "[`]\\: a`"},
		{"Mermaid", "```mermaid\ngraph TD\n```", "```text (mermaid)\ngraph TD\n```"},
		{"Mermaid in disguise", "~~~ {.Mermaid}\n~~~\n\n```m&#101;rmaid\n```\n\n```a-mermaid\n```", "~~~ (. (Mermaid))\n~~~\n\n```m &#101;rmaid\n```\n\n```a- (mermaid)\n```"},
		{"container", "::: mermaid\n:::", "::\\: mermaid\n::\\:"},
		{"attributes", "```js {cmd=node}\n```", "```js (cmd=node)\n```"},
		{"image after code", "`a` ![b](c)", "`a` !\\[b]\\(c)"},
		{"code that another cell closes", "| `a | b ` ![c](d) ` |", "| `a | b ` !\\[c]\\(d) ` |"},
		{"code in a table", "a | b\n--|--\n`a | ` b ` ![c](d) ` |", "a | b\n--|--\n`a | ` b ` !\\[c]\\(d) ` |"},
		{"code in a table's head", "`a | ` b ` ![c](d) ` |\n|--|--|", "`a | ` b ` ![c](d) ` |\n\\|--\\|--\\|"},
		{"table below code", "`|x| y` `![a](b)`\n--|--|--", "`|x| y` `![a](b)`\n--\\|--\\|--"},
		{"code that another line closes", "a ` b\nc ` ![d](e) `", "a ` b\nc ` !\\[d]\\(e) `"},
		{"math before code", "$`$ ![a](b) `", "$`$ !\\[a]\\(b) `"},
		{"math block", "$$\n```\n$$\n![a](b)", "\\$\\$\n```\n$$\n![a](b)\n```"},
		{"bare math block", "\\begin{a}\n```\n\\end{a}\n![a](b)", "\\\\begin{a}\n```\n\\end{a}\n![a](b)\n```"},
		{"front matter", "---\na: b\n---\n", "\\---\na: b\n---\n"},
		{"code that is none", "```a`\n![b](c)", "```a`\n!\\[b]\\(c)"},
		{"quote that ends", "> ```\n> a\n![b](c)", "> ```\n> a\n> ```\n!\\[b]\\(c)"},
		{"fence in a list", "- ```\n![b](c)\n  ```\n![b](c)", "- \n  ```\n  ![b](c)\n  ```\n!\\[b]\\(c)"},
		{"deep fence", "a\n\n      ```\n      b\n        c\n  ![d](e)\n    ```\n", "a\n\n   ```\n   b\n     c\n   ![d](e)\n   ```\n"},
		{"fence after a tab", "\t```\n\ta\n\t```\n", "   ```\n   a\n   ```\n"},
		{"fence that does not close", "```\n    ```\n![a](b)", "```\n    ```\n![a](b)\n```"},
		{"quotes without spaces", ">>```\n>>a\n>>```", ">>\n> > ```\n> > a\n> > ```"},
		{"flood of quotes", strings.Repeat(">", 20) + "```", strings.Repeat(">", 16) + `\>>>>` + "```"},
		{"strikethrough before code", "~`![a](b)` ~a `b~ <b>`", "~`!\\[a]\\(b)` ~a `b~ \\<b>`"},
		{"emphasis that ends in code", "*``![a](b)*\\`` _`<b>_`", "*``!\\[a]\\(b)*\\`` _`\\<b>_`"},
		{"bracket before code", "[`<b>` `", "[`\\<b>` `"},
		{"image in a link, by escapes", "[x !\\[a\\](http://e.x)](http://e.x)", "[x !\\[a\\](http://e.x)]\\(http://e.x)"},
		{"fence of two kinds", "```\n```~\n![a](b)\n```\n\n~~~\n~~~`\n<b>\n~~~", "```\n``` ~\n![a](b)\n```\n\n~~~\n~~~ `\n<b>\n~~~"},
		{"fence that is a table", "```a|b\n-|-\n<b>\n```\n\n~~~a|b`~\n<b>", "```a/b\n-|-\n<b>\n```\n\n~~~a/b''\n<b>\n~~~"},
		{"Mermaid behind spaces of every kind", "```\u00a0 mermaid\n```\n\n```\u3000mermaid\n```", "```_ mermaid\n```\n\n```_mermaid\n```"},
		{"math as a diagram", "```math\nx\n```", "```text (math)\nx\n```"},
		{"quote after an item", "* a\n> ```\n> <b>\n> ```\n\n> * a\n> > ```\n> > <b>\n", "* a\n\n> ```\n> <b>\n> ```\n\n> * a\n> \n> > ```\n> > <b>\n> > ```"},
		{"definition over paragraphs", "[a\n\nb]: j:x", "[a\n\nb]\\: j:x"},
		{"definition over code", "[a\n```\nb]: j:x\nc]: d[e]: f\n```\n<b>", "[a\n```\nb]\\: j:x\nc]\\: d[e]: f\n```\n\\<b>"},
		{"host by entity", "www.a.x&period;e.x http://e.x/a?b&c", "www.a.x &period;e.x http://e.x/a?b&c"},
		{"code that is none in a list", "- a\n\n      <b>", "- a\n\n      \\<b>"},
		{"indented code", "    <b>\n\n\t![a](b)\n    ```\n<b>", "    <b>\n\n\t![a](b)\n    ```\n\\<b>"},
		{"indented code after a list", "- a\n\nb\n\n    <b>", "- a\n\nb\n\n    <b>"},
		{"no indented code in a paragraph", "a\n    <b>", "a\n    \\<b>"},
		{"line of tabs", "a `\n \t \t\n`<b>`", "a `\n \n`<b>`"},
		{"control characters", "a\x1b[2J\x07\u009b\x7fb\r\nc\x00", "a[2Jb\nc"},
		{"image around a control character", "!\x00[a](b)", `!\[a]\(b)`},
		{"bidi", "a\u202eb\u2066c\u200f", `a\u{202E}b\u{2066}c\u{200F}`},
		{"tags", "a\U000e0041", `a\u{E0041}`},
		{"zero width", "a\u200bb\u200d\ufeff\u2060\u00ad", `a\u{200B}b\u{200D}\u{FEFF}\u{2060}\u{00AD}`},
		{"in code, too", "`a\u202e`\n```\n\u202e\n```", "`a\\u{202E}`\n```\n\\u{202E}\n```"},
		{"dangling joiner", "👩\u200dx👩\u200d", `👩\u{200D}x👩\u{200D}`},
		{"selectors that hide data", "x\ufe0fx\ufe01\U000e0100", `x\u{FE0F}x\u{FE01}\u{E0100}`},
		{"stacked marks", "a" + strings.Repeat("\u0301", 9), "a" + strings.Repeat("\u0301", 8) + `\u{0301}`},
		{"separators and fillers", "\u2028\u3164", `\u{2028}\u{3164}`},
		{"broken UTF-8", "\xf0\x9fa\xff", "\uFFFD\uFFFDa\uFFFD"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := string(whole(tt.text)); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
			if got := string(pieces(tt.text, everyByte(tt.text)...)); got != tt.want {
				t.Errorf("by the byte\n%s\nwant\n%s", got, tt.want)
			}
			checkHarmless(t, tt.text, readers()[:3])
		})
	}
}

// The block of code that a text ends in is closed, and also while it grows.
func TestCutCode(t *testing.T) {
	for text, want := range map[string]string{
		"":                             "",
		"a ```b``` c":                  "a ```b``` c",
		"```a b`c":                     "```a b`c",
		"```":                          "```\n```",
		"```go":                        "```go\n```",
		"~~~ go x":                     "~~~ go x\n~~~",
		"```go\n":                      "```go\n```",
		"```go\nx":                     "```go\nx\n```",
		"```go\nx\n":                   "```go\nx\n```",
		"```go\n ":                     "```go\n \n```",
		"```go\nx\n``":                 "```go\nx\n``\n```",
		"```go\nx\n```":                "```go\nx\n```",
		"```go\nx\n```\ny":             "```go\nx\n```\ny",
		"````\n```\nx":                 "````\n```\nx\n````",
		"~~~\n```\n~~~\n```\nx\n``` y": "~~~\n```\n~~~\n```\nx\n``` y\n```",
		"  ```\n  x":                   "  ```\n  x\n  ```",
		"> ```\n> x":                   "> ```\n> x\n> ```",
		"> > ~~~~\n> > x\n":            "> > ~~~~\n> > x\n> > ~~~~",
		"> ```\n> x\n>":                "> ```\n> x\n>\n> ```",
		"- ```\nx\n":                   "- \n  ```\n  x\n  ```",
	} {
		if got := string(whole(text)); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
		if got := Closed(want); got != want {
			t.Errorf("%q is closed, and became %q", want, got)
		}
		var s Sanitizer
		if growing := string(s.Append(nil, []byte(text))); Closed(growing) != want && text == growing {
			t.Errorf("while it grows, %q became %q, want %q", text, Closed(growing), want)
		}
	}
}

// What answers are made of passes byte by byte.
func TestEverydayText(t *testing.T) {
	for _, text := range []string{
		"a < b && c > d, i <= n, x <- ch, a << 2, 1<2, <3",
		"arr[0]: the first; in code: `m[k](v)`, `vec![1, 2]`, `Vec<String>`, `a[i]: b`, ``a`b<T>``",
		"`println!(\"{}\", x)` and `#[derive(Debug)]`, `|x| x + 1`, `a || b`, `Map<K, V>`",
		"- `foo<T>` is generic\n- [ ] `handlers[name](w)` is a call\n* item\n1. one\n2) two\n",
		"# Title\n\n## `f(x)`\n\ntext **bold** _it_ ~~no~~\n\n---\n\n> quote `a<b>`\n",
		"see https://go.dev/doc?a=b#c, <https://go.dev/> and www.x.org, mail a@b.c, src/main.go:12\n",
		"[https://go.dev/x](https://go.dev/x) [go.dev](https://go.dev) [the docs (go.dev)](https://go.dev/doc_(a))\n",
		"| a | b |\n|---|:-:|\n| `x` | y |\n",
		"costs $5; $HOME; C:\\dir\\file; \\* \\_ \\` \\\\",
		"中文，`代码`，é ñ ß – “quotes” … 日本語\n",
		"👩\u200d💻 ❤\ufe0f\u200d🔥 1\ufe0f\u20e3 می\u200cخواهم e\u0301 🇩🇪 👍🏽",
		"a\tb\n\tindented\n    four\n",
		"wow! [1] and ![ no",
		"- **`parse(p: &Path) -> Result<Config>`**: `a_b<c>`, `*const T<u8>` and [`Vec<T>` (e.x)](https://e.x/)\n",
	} {
		want := strings.ReplaceAll(text, "![ no", "!\\[ no") // the one there is
		if got := string(whole(text)); got != want {
			t.Errorf("\n%s", cmp.Diff(want, got))
		}
	}
	files, err := filepath.Glob("testdata/everyday/*.md")
	if err != nil || len(files) == 0 {
		t.Fatal("no everyday answers", err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(raw), string(whole(string(raw)))); diff != "" {
			t.Errorf("%s (-written +shown):\n%s", file, diff)
		}
	}
}

// Following punycode through many bytes at once is following it through each.
func TestDecodeAll(t *testing.T) {
	const letters = "xXnN-a\x0d"
	for coded := range len(punycode) + 1 {
		texts := []string{""}
		for len(texts) > 0 && len(texts[0]) < len(punycode) {
			var longer []string
			for _, text := range texts {
				for _, c := range letters {
					longer = append(longer, text+string(c))
				}
			}
			for _, text := range longer {
				one, all := markdown{coded: coded}, markdown{coded: coded}
				for _, c := range []byte(text) {
					one.decode(c)
				}
				if all.decodeAll([]byte(text)); all.coded != one.coded {
					t.Fatalf("%q behind %q: %d, want %d", text, punycode[:coded], all.coded, one.coded)
				}
			}
			texts = longer
		}
	}
}
