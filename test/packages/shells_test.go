//go:build packages

package packages

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/llmls/llmls/test/editors"
	"github.com/llmls/llmls/test/process"
)

// llmls is built for the run of the tests.
var llmls process.Binary

func TestMain(m *testing.M) { os.Exit(llmls.BuildAndRun(m)) }

// What a person types in a shell is completed: commands, endpoints, models, prompts,
// files and the lines of what they define.
func TestShells(t *testing.T) {
	tmux, err := editors.Find(root, "tmux")
	if err != nil {
		t.Fatal(err)
	}
	fetched, err := filepath.Abs(filepath.Join(root, ".cache/packages"))
	if err != nil {
		t.Fatal(err)
	}
	scripts := filepath.Join(t.TempDir(), "completions")
	write := exec.Command("go", "run", "-trimpath", "-tags", "reference", "./cmd/llmls", "reference", filepath.Dir(scripts))
	write.Dir = root
	if out, err := write.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for shell, start := range map[string]func(h *process.Home) []string{
		"bash": func(h *process.Home) []string {
			return []string{"bash", "--noprofile", "--rcfile", h.Write(t, "bashrc", "PS1='$ '\n"+
				"source "+fetched+"/sid/usr/share/bash-completion/bash_completion\n"+
				// Two names from before version 2.12, which its part in /etc defines.
				"_comp_deprecate_func 2.12 _get_comp_words_by_ref _comp_get_words\n"+
				"_comp_deprecate_func 2.12 __ltrim_colon_completions _comp_ltrim_colon_completions\n"+
				"source "+scripts+"/llmls\nbind 'set show-all-if-ambiguous on'\n"), "-i"}
		},
		"zsh": func(h *process.Home) []string {
			h.Write(t, ".zshrc", "module_path=("+fetched+"/sid/usr/lib/*/zsh/5*)\nPS1='$ '\nfpath=("+scripts+" $fpath)\nautoload -Uz compinit\ncompinit -u\nsetopt auto_list no_list_ambiguous\n")
			return []string{filepath.Join(fetched, "sid/zsh"), "-d", "-i"}
		},
		"fish": func(*process.Home) []string {
			return []string{filepath.Join(fetched, "sid/fish"), "--no-config", "-C", "source " + scripts + "/llmls.fish"}
		},
	} {
		t.Run(shell, func(t *testing.T) {
			h := llmls.Home(t, "http://127.0.0.1:9/v1", `model = "base"
[endpoints.work]
baseUrl = "https://gateway.example.com/v1"
model = "qwen3-coder"
[endpoints.desk]
baseUrl = "http://127.0.0.1:11434/v1"
model = "gemma3"
`)
			h.Write(t, "config/llmls/prompts/review.md", "Review this code.\n")
			h.Write(t, "work/code.go", "package a\n\ntype T struct{ n int }\n\nfunc (t *T) Sum() int {\n\treturn t.n\n}\n\nfunc main() {\n\tprintln()\n}\n")
			h.Env[0] = "PATH=" + filepath.Dir(llmls.Path()) + ":/usr/bin:/bin"
			h.Env = append(h.Env, "TERM=xterm-256color", "LC_ALL=C.UTF-8")
			term := editors.Start(t, tmux, filepath.Join(h.Dir, "work"), h.Env, start(h)...)
			term.Until("the shell is there", func(screen string) bool { return len(screen) > 1 })
			for _, each := range []struct {
				typed string
				shown []string
			}{
				{"llmls expl", []string{"llmls explain"}},
				{"llmls explain co", []string{"llmls explain code.go"}},
				{"llmls explain code.go:", []string{"5-7", "T.Sum", "9-11"}},
				{"llmls explain code.go:9", []string{"llmls explain code.go:9-11"}},
				{"llmls ask -f code.go:5", []string{"llmls ask -f code.go:5-7"}},
				{"llmls ask --endpoint ", []string{"default", "desk", "work"}},
				{"llmls ask -e wo", []string{"llmls ask -e work"}},
				{"llmls ask --model=", []string{"base", "gemma3", "qwen3-coder"}},
				{"llmls check -m qw", []string{"llmls check -m qwen3-coder"}},
				{"llmls prompt rev", []string{"llmls prompt review"}},
				{"llmls history rm --work", []string{"llmls history rm --workspace"}},
			} {
				term.Press("C-u", "C-l")
				term.Hides("llmls")
				term.Type(each.typed)
				term.Shows(strings.TrimSpace(each.typed))
				term.Press("Tab")
				term.Shows(each.shown...)
			}
		})
	}
}
