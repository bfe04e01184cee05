package safety

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	gomarkdown "github.com/gomarkdown/markdown"
	gomarkdownhtml "github.com/gomarkdown/markdown/html"
	gomarkdownparser "github.com/gomarkdown/markdown/parser"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	goldmarkhtml "github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"pgregory.net/rapid"
	rsc "rsc.io/markdown"

	"github.com/llmls/llmls/internal/completion/safety/safetytest"
)

// A reader is a Markdown parser that knows nothing of us. It returns HTML with
// everything in it that the text asks for.
type reader struct {
	name string
	html func(t fataler, source []byte) string
}

type fataler interface{ Fatalf(string, ...any) }

// readers are CommonMark, GFM with what else goldmark knows, another GFM, and a
// dialect from before CommonMark.
func readers() []reader {
	rscParser := rsc.Parser{Strikethrough: true, TaskListItems: true, AutoLinkText: true, AutoLinkAssumeHTTP: true, Table: true}
	return []reader{
		{"CommonMark", goldmarkHTML()},
		{"GFM", goldmarkHTML(extension.GFM, extension.Footnote, extension.DefinitionList)},
		{"rsc", func(_ fataler, source []byte) (html string) {
			defer func() { _ = recover() }() // its tables panic on some delimiter rows, such as "|:-|" below a line without "|"
			return rsc.ToHTML(rscParser.Parse(string(source)))
		}},
		{"gomarkdown", func(_ fataler, source []byte) string {
			p := gomarkdownparser.NewWithExtensions(gomarkdownparser.CommonExtensions&^gomarkdownparser.MathJax | gomarkdownparser.NoEmptyLineBeforeBlock)
			r := gomarkdownhtml.NewRenderer(gomarkdownhtml.RendererOptions{})
			return string(gomarkdown.ToHTML(source, p, r))
		}},
	}
}

func goldmarkHTML(extensions ...goldmark.Extender) func(fataler, []byte) string {
	md := goldmark.New(goldmark.WithExtensions(extensions...), goldmark.WithRendererOptions(goldmarkhtml.WithUnsafe()))
	return func(t fataler, source []byte) string {
		context := parser.NewContext()
		tree := md.Parser().Parse(text.NewReader(source), parser.WithContext(context))
		if refs := context.References(); len(refs) > 0 {
			t.Fatalf("a link reference definition in\n%s", source)
		}
		var b bytes.Buffer
		if err := md.Renderer().Render(&b, source, tree); err != nil {
			t.Fatalf("%v", err)
		}
		return b.String()
	}
}

// lax is what only gomarkdown takes for a link: "arr[i] (the element)".
var lax = regexp.MustCompile(`\]\s+[(\[]`)

// drawn reports whether viewers draw the code of a language.
func drawn(word string) bool {
	_, is := isDiagram([]byte(word))
	return is
}

// checkHarmless sanitises input and has every reader read it.
func checkHarmless(t fataler, input string, readers []reader) {
	safe := whole(input)
	for _, r := range readers {
		if r.name == "gomarkdown" {
			if lax.Match(safe) {
				continue
			}
			safe = append(safe, rest(input)...)
		}
		if err := safetytest.Harm(r.html(t, safe), drawn); err != nil {
			t.Fatalf("%s finds %v\nin  %q\nout %q\n%s", r.name, err, input, safe, safe)
		}
	}
}

// rest is what input lacks to close its block of code: gomarkdown knows none
// that is open at the end.
func rest(input string) string {
	var s Sanitizer
	s.Append(nil, []byte(input))
	if m := &s.markdown; m.mode == modeCode {
		return "\n" + string(m.fence.prefix) + strings.Repeat(string(m.fence.mark), m.fence.length) + "\n"
	}
	return ""
}

// whole is what becomes of text that arrives in one piece.
func whole(input string) []byte {
	var s Sanitizer
	return s.Flush(s.Append(nil, []byte(input)))
}

var attackTokens = []string{
	"![", "[", "]", "](", "](http://e.x)", "](http://e.x/)", "](javascript:x)", "](x)", "(", ")", "!", "http://e.x", "http://e.x/", "www.e.x/", "<http://e.x>",
	"`", "`", "``", "```", "````", "~~~", "~~~~", "\n```\n", "\n~~~\n", "> ", ">", "- ", "* ", "1. ", "10) ", "    ", "  ", " ", "\t", "\n", "\n", "\n\n", "\\", "\\",
	"<img src=x>", "<b onclick=x>", "</b>", "<!--", "-->", "<?", "<", ">", "<a href=x>", "<script>", "[a]:", "[a]: http://e.x", "[a]: x", "[a]", "![a]", "[^a]: x", "[^a]",
	"$", "$$", "|", "| a | b |\n|---|---|\n", "|", "\n--|--\n", "\n:-\n", "\n> |-|-|\n", "mermaid", "mermaid\n", "{", "}", "&", "&#33;", "&#91;", "a", "a", "b.c", "e.x", ":", "::", "#", "# ", "===\n", "---\n", "*", "**", "_", "~", "é", "中", "\u200b", "\x00", "\r", "\"", "'", "=", "/",
}

func attack(t *rapid.T, tokens []string) string {
	return strings.Join(rapid.SliceOfN(rapid.SampledFrom(tokens), 1, 30).Draw(t, "tokens"), "")
}

// inlineTokens and blockTokens are denser in what makes code and links within
// a line, and blocks of code.
var (
	inlineTokens = []string{
		"`", "`", "``", "```", "\\", "\\", "|", "|", "\n", "\n", "\n\n", "\n--|--\n", "\n|:-|", "- ", "> ", "[", "[", "]", "(", ")", "![a](x)", "](x)", "[a](http://e.x)",
		"![", "<b onclick=x>", "<http://e.x>", "http://e.x/", "a", " ", "$", "*", "]:", "[a]: x", ":", "e.x", "'", "&lt;", "~~", "#",
	}
	blockTokens = []string{
		"```", "```", "~~~", "````", "\n", "\n", "\n", "\n\n", "> ", "> ", ">", "- ", "- ", "* ", "1. ", "10. ", " ", "  ", "  ", "   ", "    ", "\t",
		"![a](x)", "![a](x)", "<img src=x>", "[a]: x", "a", "a\n", "`", "$$", "|", "---\n", "===\n", "# ", ":", "[^a]: ", "<!--", "mermaid",
	}
)

func TestOracle(t *testing.T) {
	const rounds = 5 // of rapid's hundred
	all := readers()[:3]
	for _, kind := range []struct {
		name   string
		tokens []string
	}{{"all", attackTokens}, {"inline", inlineTokens}, {"blocks", blockTokens}} {
		t.Run(kind.name, func(t *testing.T) {
			for range rounds {
				rapid.Check(t, func(t *rapid.T) { checkHarmless(t, attack(t, kind.tokens), all) })
			}
		})
	}
}

// Lists and code blocks of the dialect are its own; its lines are read alike.
func TestOracleDialect(t *testing.T) {
	all := readers()
	inline := slices.DeleteFunc(slices.Clone(attackTokens), func(token string) bool {
		return strings.ContainsAny(token, ">~-*\t") && !strings.Contains(token, "<") || strings.HasSuffix(token, ". ") || slices.Contains([]string{"10) ", "    ", "mermaid", "mermaid\n", "```", "````", "\n```\n"}, token)
	})
	rapid.Check(t, func(t *rapid.T) { checkHarmless(t, attack(t, inline), all[3:]) })
}

// A block of code has the text for its readers that it had, whatever it holds
// and wherever it stands.
func TestCodeKeepsItsText(t *testing.T) {
	parse := goldmark.New().Parser()
	code := func(source string) string {
		var b strings.Builder
		_ = ast.Walk(parse.Parse(text.NewReader([]byte(source))), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
			if _, ok := n.(*ast.FencedCodeBlock); ok && entering {
				b.Write(n.Lines().Value([]byte(source)))
			}
			return ast.WalkContinue, nil
		})
		return b.String()
	}
	content := rapid.StringOfN(rapid.RuneFrom([]rune("ab<![](:)\\`$| \n\n\té中")), 0, 60, -1)
	rapid.Check(t, func(t *rapid.T) {
		lead := rapid.SampledFrom([]string{"", "> ", "> > ", "   ", "  "}).Draw(t, "lead")
		body := strings.ReplaceAll(content.Draw(t, "content"), "```", "` `")
		if strings.TrimSpace(lead) == "" && lead != "" {
			body = strings.ReplaceAll(body, "\t", " ") // a tab has another width further right
		}
		input := "a\n\n" + lead + "```go\n"
		for line := range strings.Lines(body + "\n") {
			input += lead + line
		}
		input += lead + "```\n"
		if got, want := code(string(whole(input))), code(input); got != want {
			t.Fatalf("%q becomes %q, whose code is %q, not %q", input, whole(input), got, want)
		}
	})
}

func FuzzSanitizer(f *testing.F) {
	seeds, err := filepath.Glob("../completiontest/testdata/quirks/*")
	if err != nil || len(seeds) == 0 {
		f.Fatal("no corpus", err)
	}
	more, err := filepath.Glob("testdata/everyday/*")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range append(seeds, more...) {
		raw, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(raw), len(raw)/2)
	}
	for i, token := range attackTokens {
		f.Add(token+strings.Join(attackTokens[i:], ""), i)
	}
	all := readers()[:3]
	f.Fuzz(func(t *testing.T, input string, cut int) {
		checkChunks(t, input, max(0, cut%(len(input)+1)))
		checkHarmless(t, input, all)
	})
}
