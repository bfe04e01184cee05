package setup

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/diff"
)

const (
	blockBegin = ";; llmls setup emacs: begin\n"
	blockEnd   = ";; llmls setup emacs: end\n"
)

func dirs(t *testing.T) Dirs {
	home := t.TempDir()
	return Dirs{Home: home, Config: filepath.Join(home, ".config")}
}

func parts(t *testing.T, d Dirs, name string, languages ...string) []Part {
	t.Helper()
	e, err := Find(name)
	if err != nil {
		t.Fatal(err)
	}
	parts, err := e.Parts(d, languages)
	if err != nil {
		t.Fatal(err)
	}
	return parts
}

// Adding twice is adding once, whatever stood there.
func TestAddingTwice(t *testing.T) {
	for _, name := range Names() {
		if name == "vscode" {
			continue // there is no file
		}
		for _, part := range parts(t, dirs(t), name) {
			once, err := part.Merge("")
			if err != nil || !strings.Contains(once, strings.TrimSpace(part.Text)) {
				t.Errorf("%s: %v:\n%s", part.Path, err, once)
			}
			if twice, err := part.Merge(once); err != nil || twice != once {
				t.Errorf("%s: adding it twice gives %v:\n%s", part.Path, err, twice)
			}
		}
	}
}

// markdown is set up in Helix with every other language, for the answers.
const markdown = "\n[[language]]\nname = \"markdown\"\nlanguage-servers = [\"marksman\", \"markdown-oxide\", \"rumdl\", \"llmls\"]\n"

// What stands there stays; what is missing is added, and nothing else.
func TestMerge(t *testing.T) {
	for name, test := range map[string]struct {
		editor    string
		part      int
		languages []string
		old, want string
	}{
		"a file of one's own": {
			"emacs", 0, nil,
			"(setq x 1)\n",
			"(setq x 1)\n\n" + blockBegin + text("emacs.el") + blockEnd,
		},
		"an older version": {
			"emacs", 0, nil,
			"(setq x 1)\n" + blockBegin + "(old)\n" + blockEnd + "(setq y 2)\n",
			"(setq x 1)\n" + blockBegin + text("emacs.el") + blockEnd + "(setq y 2)\n",
		},
		"another language": {
			"helix", 0,
			[]string{"go"},
			"# mine\n[[language]]\nname = \"rust\"\nauto-format = false\n",
			"# mine\n[[language]]\nname = \"rust\"\nauto-format = false\n\n[language-server.llmls]\ncommand = \"llmls\"\n\n" +
				"[[language]]\nname = \"go\"\nlanguage-servers = [\"gopls\", \"golangci-lint-lsp\", \"llmls\"]\n" + markdown,
		},
		"the language with a list": {
			"helix", 0,
			[]string{"rust"},
			"[language-server.llmls]\ncommand = \"/opt/llmls\"\n\n[[language]]\nname = \"rust\" # mine\nlanguage-servers = [ \"ra\", { name = \"x\" } ] # two\nindent = { unit = \" \" }\n\n[[language]]\nname = \"go\"\n",
			"[language-server.llmls]\ncommand = \"/opt/llmls\"\n\n[[language]]\nname = \"rust\" # mine\nlanguage-servers = [ \"ra\", { name = \"x\" }, \"llmls\" ] # two\nindent = { unit = \" \" }\n\n[[language]]\nname = \"go\"\n" + markdown,
		},
		"the language without a list": {
			"helix", 0,
			[]string{"rust"},
			"[language-server.llmls]\ncommand = \"llmls\"\n[[language]]\nname = \"rust\"\nindent = 1\n",
			"[language-server.llmls]\ncommand = \"llmls\"\n[[language]]\nname = \"rust\"\nlanguage-servers = [\"rust-analyzer\", \"llmls\"]\nindent = 1\n" + markdown,
		},
		"progress": {
			"helix", 1, nil,
			"[editor.lsp] # mine\nsnippets = false\n\n[keys]\n",
			"[editor.lsp] # mine\ndisplay-progress-messages = true\nsnippets = false\n\n[keys]\n",
		},
		"progress is decided": {
			"helix", 1, nil,
			"[editor]\nlsp.display-progress-messages = false\n",
			"[editor]\nlsp.display-progress-messages = false\n",
		},
		"servers": {
			"kate", 0,
			[]string{"python"},
			"{\n  \"servers\": {\n    \"rust\": {\"command\": [\"ra\"]}\n  }, \"x\": 1\n}\n",
			"{\n  \"servers\": {\n    \"python\": {\"command\": [\"llmls\"]},\n    \"rust\": {\"command\": [\"ra\"]}\n  }, \"x\": 1\n}\n",
		},
		"sections": {
			"geany", 0,
			[]string{"Python", "Sh"},
			"[all]\nhover_enable=true\n",
			"[all]\nhover_enable=true\n\n[Python]\ncmd=llmls\nuse_without_project=true\nuse_outside_project_dir=true\n\n[Sh]\nuse=Python\n\n[Markdown]\nuse=Python\n",
		},
		"no servers": {
			"kate", 0,
			[]string{"python"},
			`{"servers": {}}`,
			"{\"servers\": {\n    \"python\": {\"command\": [\"llmls\"]}\n  }}",
		},
	} {
		t.Run(name, func(t *testing.T) {
			part := parts(t, dirs(t), test.editor, test.languages...)[test.part]
			got, err := part.Merge(test.old)
			if err != nil || got != test.want {
				t.Errorf("%v:\n%s\nwant\n%s", err, got, test.want)
			}
			if again, err := part.Merge(got); err != nil || again != got {
				t.Errorf("adding it twice gives %v:\n%s", err, again)
			}
		})
	}
}

// What cannot be done without losing something is not done, and the error says
// what to do by hand.
func TestRefused(t *testing.T) {
	for name, test := range map[string]struct{ editor, old string }{
		"not TOML":             {"helix", "[language"},
		"a list over lines":    {"helix", "[[language]]\nname = \"python\"\nlanguage-servers = [\n  \"pylsp\",\n]\n"},
		"a list above":         {"helix", "[[language]]\nlanguage-servers = [\"pylsp\"]\nname = \"python\"\n"},
		"an inline table":      {"helix", "language = [{ name = \"python\" }]\n"},
		"not JSON":             {"kate", "{"},
		"JSON without servers": {"kate", `{"global": {}}`},
		"another server":       {"kate", `{"servers": {"~llmls": {"command": ["other"]}}}`},
		"another section":      {"geany", "[Markdown]\ncmd=marksman\n"},
		"a changed file":       {"neovim", "-- mine\n"},
		"another client":       {"coc", text("vim.vim")},
		"a half block":         {"emacs", blockBegin + "(old)\n"},
		"functions of llmls":   {"emacs", "(defun llmls-answer () 1)\n"},
		"the other client":     {"lsp-mode", blockBegin + text("emacs.el") + blockEnd},
		"no file":              {"vscode", ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := parts(t, dirs(t), test.editor)[0].Merge(test.old); err == nil {
				t.Errorf("it became\n%s", got)
			}
		})
	}
}

func TestEmacsFile(t *testing.T) {
	d := dirs(t)
	path := func() string { return parts(t, d, "emacs")[0].Path }
	for _, step := range []struct{ create, want string }{
		{"", ".emacs.d/init.el"},
		{".config/emacs/early-init.el", ".config/emacs/init.el"},
		{".emacs.d/early-init.el", ".emacs.d/init.el"},
		{".config/emacs/init.el", ".config/emacs/init.el"},
		{".emacs.d/init.el", ".emacs.d/init.el"},
		{".emacs", ".emacs"},
	} {
		if step.create != "" {
			write(t, filepath.Join(d.Home, step.create), "")
		}
		if got := path(); got != filepath.Join(d.Home, step.want) {
			t.Errorf("with %s it is %s, want %s", step.create, got, step.want)
		}
	}
}

// coc.nvim runs in Vim and in Neovim: each that is set up gets the file, and only one
// client there runs llmls.
func TestCocFiles(t *testing.T) {
	for create, want := range map[string][]string{
		"":                             {".vim/plugin/llmls.vim"},
		".vimrc":                       {".vim/plugin/llmls.vim"},
		".config/nvim/init.lua":        {".config/nvim/plugin/llmls.vim"},
		".vimrc .config/nvim/init.vim": {".vim/plugin/llmls.vim", ".config/nvim/plugin/llmls.vim"},
	} {
		d := dirs(t)
		for _, name := range strings.Fields(create) {
			write(t, filepath.Join(d.Home, name), "")
		}
		var got []string
		for _, part := range parts(t, d, "coc") {
			name, err := filepath.Rel(d.Home, part.Path)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, strings.Replace(filepath.ToSlash(name), "vimfiles", ".vim", 1)) // as Windows has it
		}
		if !slices.Equal(got, want) {
			t.Errorf("with %q it is %q, want %q", create, got, want)
		}
	}
	d := dirs(t)
	write(t, parts(t, d, "neovim")[0].Path, "")
	if got, err := parts(t, d, "coc")[0].Merge(""); err == nil || !strings.Contains(err.Error(), "llmls.lua first") {
		t.Errorf("beside the client of Neovim it became %q, %v", got, err)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// A link stays a link, and a file keeps its permissions.
func TestWriteThroughALink(t *testing.T) {
	d := dirs(t)
	write(t, filepath.Join(d.Home, "dotfiles", "init.el"), "(setq x 1)\n")
	write(t, filepath.Join(d.Home, ".emacs.d", "other"), "")
	link := filepath.Join(d.Home, ".emacs.d", "init.el")
	if err := os.Symlink(filepath.Join(d.Home, "dotfiles", "init.el"), link); err != nil {
		t.Fatal(err)
	}
	change, err := parts(t, d, "emacs")[0].Plan()
	if err != nil {
		t.Fatal(err)
	}
	if diff := change.Diff(); !strings.Contains(diff, "  (setq x 1)\n+ \n+ "+blockBegin) || strings.Contains(diff, "\n- ") {
		t.Errorf("the change is shown as\n%s", diff)
	}
	if err := change.Write(); err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(link)
	if err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link became %v, %v", info, err)
	}
	info, err = os.Stat(link)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("its permissions are %v, %v", info, err)
	}
	raw, err := os.ReadFile(link)
	if err != nil || string(raw) != change.New {
		t.Errorf("it holds %q, %v", raw, err)
	}
}

func TestDiff(t *testing.T) {
	c := Change{lines: diff.All("a\nb\nc\nd\ne\n", "a\nb\nX\nd\ne\nY\n")}
	if got, want := c.Diff(), "  b\n- c\n+ X\n  d\n  e\n+ Y\n"; got != want {
		t.Errorf("it is\n%s\nwant\n%s", got, want)
	}
	var long strings.Builder // too much to compare each with each
	for i := range 100_000 {
		fmt.Fprintf(&long, "line %d\n", i)
	}
	c = Change{lines: diff.All("begin\n"+long.String()+"end\n", long.String()+"one more\nend\n")}
	if got, want := c.Diff(), "- begin\n  line 0\n  line 99999\n+ one more\n  end\n"; got != want {
		t.Errorf("it is\n%s\nwant\n%s", got, want)
	}
}

// What stays is what it was, byte for byte; what is added ends as most lines do.
func TestLineEnds(t *testing.T) {
	for name, test := range map[string]struct{ old, want string }{
		"unix":         {"a\nb\n", "a\nX\nb\n"},
		"windows":      {"a\r\nb\r\n", "a\r\nX\r\nb\r\n"},
		"mixed":        {"a\r\nb\nb\n", "a\r\nX\nb\nb\n"},
		"no end":       {"a\nb", "a\nX\nb"},
		"one line":     {"a", "a\nX\n"},
		"no end there": {"b\r\na", "b\r\na\r\nX\r\n"},
		"a mark":       {"\ufeffa\r\n", "\ufeffa\r\nX\r\n"},
		"odd returns":  {"a\nb\r\r\nc\rd\n", "a\nX\nb\r\r\nc\rd\n"},
		"nothing":      {"", "X\n"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "file")
			write(t, path, test.old)
			part := Part{Path: path, merge: func(old, _ string) (string, error) {
				if strings.Contains(old, "X\n") {
					return old, nil
				}
				return strings.Replace("\n"+old, "\na\n", "\na\nX\n", 1)[1:], nil
			}}
			if test.old == "" {
				part.merge = own
				part.Text = "X\n"
			}
			for range 2 {
				change, err := part.Plan()
				if err != nil {
					t.Fatal(err)
				}
				if change.New != test.want {
					t.Fatalf("%q becomes %q, want %q", change.Old, change.New, test.want)
				}
				if err := change.Write(); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// What was changed between Plan and Write, by whatever, is not replaced.
func TestChangedMeanwhile(t *testing.T) {
	for name, meanwhile := range map[string]func(path string) error{
		"text":      func(path string) error { return os.WriteFile(path, []byte("(setq x 2)\n"), 0o600) },
		"removed":   os.Remove,
		"a link":    func(path string) error { return errors.Join(os.Rename(path, path+"2"), os.Symlink(path+"2", path)) },
		"protected": func(path string) error { return os.Chmod(path, 0o400) },
	} {
		t.Run(name, func(t *testing.T) {
			d := dirs(t)
			path := filepath.Join(d.Home, ".emacs")
			write(t, path, "(setq x 1)\n")
			change, err := parts(t, d, "emacs")[0].Plan()
			if err != nil {
				t.Fatal(err)
			}
			if err := meanwhile(path); err != nil {
				t.Fatal(err)
			}
			was, _ := os.ReadFile(path)
			if err := change.Write(); err == nil {
				t.Error("it was written")
			}
			if is, _ := os.ReadFile(path); string(is) != string(was) {
				t.Errorf("it became %q", is)
			}
			if left, _ := filepath.Glob(filepath.Join(d.Home, ".llmls-*")); len(left) > 0 {
				t.Errorf("left are %q", left)
			}
		})
	}
}
