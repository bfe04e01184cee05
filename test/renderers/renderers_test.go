// Package renderers reads what the sanitiser makes of hostile text with the
// Markdown parsers that VS Code ships, in Node.
package renderers

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/llmls/llmls/internal/completion/safety"
	"github.com/llmls/llmls/internal/completion/safety/safetytest"
)

// renderers are a process that runs them all, for one caller at a time.
type renderers struct {
	in  io.Writer
	out *bufio.Reader
}

func start(ctx context.Context) (*renderers, error) {
	const root = "../.."
	modules := filepath.Join(root, ".cache/renderers")
	if _, err := os.Stat(filepath.Join(modules, "node_modules")); err != nil {
		return nil, fmt.Errorf("marked and markdown-it are not there, run test/renderers/fetch: %w", err)
	}
	if _, err := os.Stat(filepath.Join(root, "editors/vscode/node_modules/marked")); err != nil {
		return nil, fmt.Errorf("the extension's packages are not there, run make editors/vscode/node_modules: %w", err)
	}
	node, err := exec.CommandContext(ctx, filepath.Join(root, "test/node")).Output()
	if err != nil {
		return nil, fmt.Errorf("find a Node that runs TypeScript: %w", err)
	}
	cmd := exec.CommandContext(ctx, strings.TrimSpace(string(node)), "render.mjs", modules)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	r := &renderers{in, bufio.NewReader(out)}
	_, err = r.render(nil, nil) // it has loaded them
	return r, err
}

func started(t testing.TB) *renderers {
	t.Helper()
	r, err := start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// render returns what each renderer makes of each text of shown. It fails if the
// extension confirms one of them, or of written, otherwise while it grows than as a
// whole.
func (r *renderers) render(shown, written []string) ([]map[string]string, error) {
	line, err := json.Marshal(map[string][]string{"shown": append([]string{}, shown...), "written": append([]string{}, written...)})
	if err != nil {
		return nil, err
	}
	if _, err := r.in.Write(append(line, '\n')); err != nil {
		return nil, err
	}
	answer, err := r.out.ReadBytes('\n')
	if err != nil {
		return nil, err
	}
	var made struct {
		Pages   []map[string]string
		Differs *string
	}
	if err := json.Unmarshal(answer, &made); err != nil {
		return nil, err
	}
	if made.Differs != nil {
		return nil, fmt.Errorf("the extension changes its mind about %q", *made.Differs)
	}
	return made.Pages, nil
}

type fataler interface{ Fatalf(string, ...any) }

// check fails if anything that a reader sees while pieces arrive is alive in a
// renderer.
func (r *renderers) check(t fataler, pieces ...string) {
	var s safety.Sanitizer
	var out []byte
	var shown, written []string
	for i, piece := range pieces {
		out = s.Append(out, []byte(piece))
		shown = append(shown, string(out))
		written = append(written, strings.Join(pieces[:i+1], ""))
	}
	shown = slices.Compact(append(shown, string(s.Flush(out))))
	pages, err := r.render(shown, written)
	if err != nil {
		t.Fatalf("render %q: %v", strings.Join(pieces, ""), err)
	}
	for i, page := range pages {
		for name, page := range page {
			if err := safetytest.Harm(page, drawn); err != nil {
				t.Fatalf("%s finds %v\nin   %q\nout  %q\nHTML %q", name, err, strings.Join(pieces, ""), shown[i], page)
			}
		}
	}
}

// drawn reports whether VS Code draws the code of a language.
func drawn(word string) bool {
	return strings.EqualFold(word, "mermaid") || strings.EqualFold(word, "math")
}

func finds(t testing.TB) []string {
	t.Helper()
	file, err := os.ReadFile("testdata/finds.txt")
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for line := range strings.Lines(string(file)) {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		text, err := strconv.Unquote(line)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		texts = append(texts, text)
	}
	if len(texts) == 0 {
		t.Fatal("there are no finds")
	}
	return texts
}

func TestFinds(t *testing.T) {
	r := started(t)
	for _, text := range finds(t) {
		t.Run(text, func(t *testing.T) { r.check(t, strings.Split(text, "")...) })
	}
}

// TestTheyAreAlive shows that the renderers tell: without the sanitiser each of
// these does something in one of them.
func TestTheyAreAlive(t *testing.T) {
	r := started(t)
	for _, text := range []string{"![a](http://e.x)", "<b>", "[a](j:x)", "[a](http://e.x)", "```mermaid\n```", "```math\n```", "$$\nx\n$$", "<js:x>"} {
		pages, err := r.render([]string{text}, nil)
		if err != nil {
			t.Fatal(err)
		}
		alive := 0
		for _, page := range pages[0] {
			if safetytest.Harm(page, drawn) != nil {
				alive++
			}
		}
		if alive == 0 {
			t.Errorf("%q is taken for harmless: %q", text, pages[0])
		}
	}
}

// FuzzRenderers goes on with FUZZ=Renderers FUZZTIME=4h make fuzz.
func FuzzRenderers(f *testing.F) {
	for _, text := range finds(f) {
		f.Add(safetytest.Program(text))
	}
	r := started(f) // here: a fuzz target that takes 10 s is taken for a deadlock
	f.Fuzz(func(t *testing.T, program []byte) {
		const longest = 100
		r.check(t, safetytest.Text(program[:min(len(program), longest)])...)
	})
}

var code = regexp.MustCompile(`(?s)<pre><code[^>]*>(.*?)</code></pre>`)

// A block of code has the text for its readers that it had, whatever it holds.
func TestCodeKeepsItsText(t *testing.T) {
	r := started(t)
	content := rapid.StringOfN(rapid.RuneFrom([]rune("ab<![](:)\\`~$|*_ \n\n\té中\u00a0")), 1, 60, -1)
	rapid.Check(t, func(t *rapid.T) {
		body := strings.NewReplacer("```", "` `", "\t", "    ").Replace(content.Draw(t, "content")) // marked expands tabs
		block := rapid.SampledFrom([]struct{ before, lead, fence string }{
			{"a\n\n", "", "```"}, {"a\n", "", "~~~"}, {"- a\n\n", "  ", "```"}, {"1. a\n", "   ", "```"}, {"> a\n>\n", "> ", "```"}, {"a\n\n", "    ", ""},
		}).Draw(t, "block")
		if block.fence == "" { // indented code begins and ends with what is not blank
			body = "x\n" + strings.TrimRight(body, " \u00a0\n") + "\ny"
		}
		if block.fence == "~~~" {
			body = strings.ReplaceAll(body, "~~~", "~ ~")
		}
		input, want := block.before, ""
		if block.fence != "" {
			input += block.lead + block.fence + "go\n"
		}
		for line := range strings.Lines(body + "\n") {
			input += block.lead + line
			want += line
		}
		if block.fence != "" {
			input += block.lead + block.fence + "\n"
		}
		var s safety.Sanitizer
		safe := string(s.Flush(s.Append(nil, []byte(input))))
		pages, err := r.render([]string{safe}, nil)
		if err != nil {
			t.Fatalf("render: %v", err)
		}
		for name, page := range pages[0] {
			if page == "" { // the extension's
				continue
			}
			m := code.FindStringSubmatch(page)
			if m == nil || trimmed(html.UnescapeString(m[1])) != trimmed(want) {
				t.Fatalf("%s: %q becomes %q, whose code is %q, not %q", name, input, safe, m, want)
			}
		}
	})
}

// trimmed drops what renderers differ on anyway: blanks in lines that hold
// nothing else, and such lines at the end.
func trimmed(code string) string {
	lines := strings.Split(code, "\n")
	for i, line := range lines {
		if strings.Trim(line, " ") == "" {
			lines[i] = ""
		}
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}
