package faults

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/test/process"
)

// drawing is what a terminal would do more with than draw.
const drawing = "a\x1b]0;owned\x07\u009b31m\u202eb"

// What stands in a name, an argument or a setting is only drawn by the terminal,
// wherever it is told.
func TestMessagesAreOnlyDrawn(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	u.Script(completiontest.Answer("Yes."))
	h := llmls.Home(t, u.URL, calm)
	empty := h.Write(t, drawing+"/"+drawing+".py", "")
	fine := h.Write(t, drawing+"/fine"+drawing+".py", "fine = 1\n")
	secret := h.Write(t, drawing+"/.env", "A=1\n")
	broken := llmls.Home(t, u.URL, "\"mo\\u001bdel\" = 1\nmodel = \"m\\u001b[2J\"\n")
	for name, args := range map[string][]string{
		"an empty file":          {"explain", empty},
		"a missing file":         {"explain", empty + "x"},
		"a directory":            {"explain", filepath.Dir(empty)},
		"lines that are not":     {"explain", fine + ":7"},
		"a forbidden file":       {"explain", secret},
		"an answer":              {"explain", fine},
		"a dry run":              {"explain", "--dry-run", fine},
		"the file of a question": {"ask", "-f", empty, "why?"},
		"a command":              {drawing},
		"a flag":                 {"--" + drawing},
		"a flag of a command":    {"explain", "--" + drawing},
		"an editor":              {"setup", drawing},
		"an origin":              {"trust", "https://" + drawing},
		"an endpoint":            {"ask", "-e", drawing, "why?"},
		"an endpoint to check":   {"check", "-e", drawing},
		"an endpoint to list":    {"models", "-e", drawing},
		"a login":                {"login", drawing},
	} {
		t.Run(name, func(t *testing.T) {
			onlyDrawn(t, h.Run(t, args...))
		})
	}
	for _, args := range [][]string{{"settings"}, {"check"}, {"models"}} {
		t.Run("settings of "+args[0], func(t *testing.T) { onlyDrawn(t, broken.Run(t, args...)) })
	}
}

func onlyDrawn(t *testing.T, c *process.Command) {
	t.Helper()
	for _, text := range []string{c.Stdout.String(), c.Stderr.String()} {
		if i := strings.IndexFunc(text, func(r rune) bool {
			return unicode.IsControl(r) && r != '\n' && r != '\t' || r == '\u202e'
		}); i >= 0 {
			t.Errorf("a terminal would obey %q", text[i:min(len(text), i+20)])
		}
	}
	if c.Stdout.String()+c.Stderr.String() == "" {
		t.Error("nothing was told")
	}
}

// A server that somebody started by hand ends with Ctrl-C, and finds no fault with
// that.
func TestInterruptedByHand(t *testing.T) {
	t.Parallel()
	term := llmls.Home(t, "http://127.0.0.1:1", "").StartTerminal(t)
	const typed = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{}}}`
	if _, err := fmt.Fprintf(term.Keys, "Content-Length: %d\n\n%s\n", len(typed), typed); err != nil {
		t.Fatal(err)
	}
	term.Shows("serverInfo")
	if _, err := term.Keys.WriteString("\x03"); err != nil {
		t.Fatal(err)
	}
	term.EndsWithin(process.Patience)
	if strings.Contains(term.Screen.String(), "WARN") {
		t.Error("an interrupt is told as a fault")
	}
}

// Both flags do what the command does.
func TestVersionFlags(t *testing.T) {
	t.Parallel()
	h := llmls.Home(t, "http://127.0.0.1:1", "")
	want := h.Run(t, "version").Stdout.String()
	for _, flag := range []string{"--version", "-v"} {
		h.Run(t, flag).Prints(want)
	}
}

// People are told where config.toml belongs, whether there is one or not.
func TestPlaceOfTheConfiguration(t *testing.T) {
	t.Parallel()
	h := llmls.Home(t, "http://127.0.0.1:1", "")
	if got := h.Run(t, "settings").Stdout.String(); !strings.Contains(got, "config.toml belongs here: /") {
		t.Errorf("settings tells %q", got)
	}
	if got := h.Run(t, "--help").Stdout.String(); !strings.Contains(got, "~/.config") {
		t.Errorf("the help tells %q", got)
	}
}

// What is said below an answer begins on a line of its own, also where standard
// error goes where the answer goes.
func TestNothingIsGluedToAnAnswer(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		script []completiontest.Step
		want   string
	}{
		"complete":              {[]completiontest.Step{completiontest.Answer("Yes.")}, "Yes.\nscripted"},
		"ends its line":         {[]completiontest.Step{completiontest.Answer("Yes.\n")}, "Yes.\nscripted"},
		"broken off":            {[]completiontest.Step{completiontest.Delta("Yes"), completiontest.Cut()}, "Yes\nllmls: Ask again"},
		"before the first word": {[]completiontest.Step{completiontest.Error(401, "auth", "no")}, "llmls: Set a valid key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := completiontest.NewUpstream(t)
			u.Script(test.script...)
			h := llmls.Home(t, u.URL, calm)
			h.Through = []string{"sh", "-c", `exec "$0" "$@" 2>&1`}
			if out := h.Run(t, "ask", "why?").Stdout.String(); !strings.HasPrefix(out, test.want) {
				t.Errorf("%q", out)
			}
		})
	}
}
