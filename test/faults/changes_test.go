package faults

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/lsp/lsptest"
	"github.com/llmls/llmls/test/process"
)

// git runs git in a directory of h, as its user.
func git(t *testing.T, h *process.Home, dir string, args ...string) {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = filepath.Join(h.Dir, dir)
	cmd.Env = append(os.Environ(), "HOME="+h.Dir, "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull,
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@b", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@b")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
}

// changed makes a repository with a commit of a.py, rules.key and .env, which all
// changed since, as a buffer of the editor did.
func changed(t *testing.T, h *process.Home) (dir string) {
	t.Helper()
	h.Write(t, "w/a.py", "one = 1\ntwo = 2\n")
	h.Write(t, "w/b.py", "three = 3\n")
	h.Write(t, "w/.env", "PASSWORD=old canary\n")
	h.Write(t, "w/private/p.py", "old = 'canary'\n")
	h.Write(t, "w/package-lock.json", "{}\n")
	git(t, h, "w", "init", "-q", "-b", "main")
	git(t, h, "w", "add", "-f", ".")
	git(t, h, "w", "commit", "-q", "-m", "first")
	h.Write(t, "w/a.py", "one = 1\ntwo = 22\n")
	h.Write(t, "w/.env", "PASSWORD=new canary\n")
	h.Write(t, "w/.aiignore", "private/\n")
	h.Write(t, "w/private/p.py", "new = 'canary'\n")
	h.Write(t, "w/package-lock.json", `{"canary": 1}`)
	return filepath.Join(h.Dir, "w")
}

// A change is what the editor has against the last commit, without what stays on
// the machine; where nothing changed, that is an error.
func TestChanges(t *testing.T) {
	t.Parallel()
	h := llmls.Home(t, "http://127.0.0.1:1", calm)
	dir := changed(t, h)
	s := start(t, h)
	s.Initialized("", dir)
	s.Open(lsptest.URI(filepath.Join(dir, "b.py")), "python", "three = 33\n")
	ask := func(question string) (body, left string, err error) {
		var dry struct {
			Body    string
			LeftOut []struct{ What, Why string }
		}
		err = s.Command("llmls.ask", map[string]any{"question": question, "uri": lsptest.URI(filepath.Join(dir, "a.py")), "range": lsptest.Range(0, 0, 1, 0), "dryRun": true}, &dry)
		for _, l := range dry.LeftOut {
			left += l.What + "\n"
		}
		return dry.Body, left, err
	}
	judge := func(how, body string) {
		t.Helper()
		for _, want := range []string{"Changed, `a.py`, lines 1-2:", `-two = 2\n+two = 22\n`, "- `package-lock.json`: a lock file"} {
			if !strings.Contains(body, want) {
				t.Errorf("%s: no %q in %q", how, want, body)
			}
		}
		if strings.Contains(body, "canary") {
			t.Errorf("%s: what stays here is in %q", how, body)
		}
	}
	body, left, err := ask("What does #diff do?")
	s.Must(err)
	judge("in an editor", body)
	if !strings.Contains(body, `-three = 3\n+three = 33\n`) || !strings.Contains(left, "the change of .env\nthe change of private/p.py\n") {
		t.Errorf("in an editor: %q, left out %q", body, left)
	}
	for question, want := range map[string]string{"#diff:nowhere?": "#diff:nowhere", "#diff:--output=x": "#diff:--output=x"} {
		_, _, err := ask(question)
		if err == nil {
			t.Fatalf("%s: sent", question)
		}
		if kind, sentence, _ := failure(t, err); kind != "bad_request" || !strings.Contains(sentence, want) {
			t.Errorf("%s: %s %q", question, kind, sentence)
		}
	}
	c := h.Run(t, "explain", "--dry-run", "--diff", "main", "other")
	c.Exits(2)
	h.WorkDir = dir
	c = h.Run(t, "explain", "--dry-run", "--diff", "main")
	c.Exits(0)
	judge("on the command line", c.Stdout.String())
	git(t, h, "w", "checkout", "-q", "--", "a.py", "package-lock.json")
	c = h.Run(t, "explain", "--dry-run", "--diff") // of what changed, nothing may leave
	c.Exits(1)
	c.Says("#diff", ".env")
	git(t, h, "w", "checkout", "-q", "--", ".")
	c = h.Run(t, "explain", "--dry-run", "--diff")
	c.Exits(1)
	c.Says("#diff", "nothing changed")
}

// An editor offers to explain changes in a folder that is a repository.
func TestExplainChangesInAMenu(t *testing.T) {
	t.Parallel()
	h := llmls.Home(t, "http://127.0.0.1:1", calm)
	dir := changed(t, h)
	s := start(t, h)
	s.Initialized("", dir)
	file := lsptest.URI(filepath.Join(dir, "a.py"))
	s.Open(file, "python", "one = 1\ntwo = 22\n")
	for {
		var actions []struct {
			Title     string
			Arguments []map[string]any
		}
		s.Must(s.Call(s.Context(), "textDocument/codeAction", map[string]any{
			"textDocument": map[string]any{"uri": file}, "range": lsptest.Range(0, 0, 0, 0), "context": map[string]any{"diagnostics": []any{}, "only": []string{"refactor.llmls.changes"}},
		}, &actions))
		if len(actions) == 0 {
			continue // the disk was not looked at yet
		}
		argument := actions[0].Arguments[0]
		argument["dryRun"] = true
		var dry struct{ Body string }
		s.Must(s.Command("llmls.ask", argument, &dry))
		if actions[0].Title != "Explain changes" || !strings.Contains(dry.Body, `+two = 22\n`) || strings.Contains(dry.Body, "Selected code") {
			t.Errorf("%v: %q", actions, dry.Body)
		}
		return
	}
}

// Whatever programs a repository names, for whatever, none runs when a question
// mentions what changed in it.
func TestChangesRunNothing(t *testing.T) {
	t.Parallel()
	h := llmls.Home(t, "http://127.0.0.1:1", calm)
	dir := changed(t, h)
	ran := filepath.Join(h.Dir, "ran")
	program := h.Write(t, "w/evil", "#!/bin/sh\necho \"$0 $*\" >>'"+ran+"'\nexit 1\n")
	if err := os.Chmod(program, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, hook := range []string{"post-index-change", "fsmonitor-watchman", "post-checkout", "reference-transaction", "pre-auto-gc"} {
		for _, hooks := range []string{".git/hooks", "hooks"} {
			if err := os.MkdirAll(filepath.Join(dir, hooks), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(program, filepath.Join(dir, hooks, hook)); err != nil {
				t.Fatal(err)
			}
		}
	}
	h.Write(t, "w/.gitattributes", "* filter=evil diff=evil merge=evil\n")
	h.Write(t, "w/.git/info/attributes", "* filter=evil diff=evil merge=evil\n")
	h.Write(t, "w/more", "[diff]\n\texternal = "+program+"\n[core]\n\tsshCommand = "+program+"\n\tfsmonitor = "+program+"\n")
	for name, value := range map[string]string{
		"core.fsmonitor": program, "core.hooksPath": filepath.Join(dir, "hooks"), "core.pager": program, "core.editor": program,
		"core.askPass": program, "core.gitProxy": program, "core.alternateRefsCommand": program, "core.untrackedCache": "true",
		"diff.external": program, "diff.evil.textconv": program, "diff.evil.command": program, "filter.evil.clean": program,
		"filter.evil.smudge": program, "filter.evil.process": program, "filter.evil.required": "true", "merge.evil.driver": program,
		"pager.ls-files": program, "pager.ls-tree": program, "pager.cat-file": program, "pager.rev-parse": program,
		"alias.ls-files": "!" + program, "alias.cat-file": "!" + program, "credential.helper": program, "gpg.program": program,
		"include.path": filepath.Join(dir, "more"), "includeIf.gitdir:" + dir + "/.path": filepath.Join(dir, "more"),
		"core.repositoryFormatVersion": "1", "extensions.partialClone": "origin", "remote.origin.promisor": "true",
		"remote.origin.url": "ext::" + program, "remote.origin.uploadpack": program, "protocol.ext.allow": "always", "protocol.allow": "always",
	} {
		git(t, h, "w", "config", name, value)
	}
	// Its old content is gone, and would be fetched.
	object, err := filepath.Glob(filepath.Join(dir, ".git/objects/*/"+objectOf(t, h, "main:package-lock.json")[2:]))
	if err != nil || len(object) != 1 {
		t.Fatal(object, err)
	}
	if err := os.Remove(object[0]); err != nil {
		t.Fatal(err)
	}
	control := exec.Command("git", "diff", "--", "package-lock.json")
	control.Dir = dir
	_ = control.Run() // it fails, and has run a program before
	if _, err := os.Stat(ran); err != nil {
		t.Fatal("git diff runs none of the programs, so the repository is a harmless one")
	}
	if err := os.Remove(ran); err != nil {
		t.Fatal(err)
	}
	s := start(t, h)
	s.Initialized("", dir)
	h.WorkDir = dir
	for _, question := range []string{"#diff", "#diff:main"} {
		var dry struct{ Body string }
		s.Must(s.Command("llmls.ask", map[string]any{"question": question, "dryRun": true}, &dry))
		c := h.Run(t, "ask", "--dry-run", question)
		c.Exits(0)
		for _, body := range []string{dry.Body, c.Stdout.String()} {
			if !strings.Contains(body, `-two = 2\n+two = 22\n`) {
				t.Errorf("%s: %q", question, body)
			}
		}
	}
	if what, err := os.ReadFile(ran); err == nil {
		t.Errorf("the repository had run: %s", what)
	}
}

func objectOf(t *testing.T, h *process.Home, name string) string {
	t.Helper()
	cmd := exec.Command("git", "rev-parse", name)
	cmd.Dir = filepath.Join(h.Dir, "w")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// A folder that says it is of a repository elsewhere brings nothing of what is
// committed there along, but one that the repository knows does.
func TestForeignRepository(t *testing.T) {
	t.Parallel()
	for name, plant := range map[string]func(t *testing.T, other, dir string) error{
		"a file": func(t *testing.T, other, dir string) error {
			return os.WriteFile(filepath.Join(dir, ".git"), []byte("gitdir: "+other+"\n"), 0o600)
		},
		"a link": func(t *testing.T, other, dir string) error { return os.Symlink(other, filepath.Join(dir, ".git")) },
		"objects": func(t *testing.T, other, dir string) error {
			return plantedGit(dir, map[string]string{"objects": other + "/objects", "refs": other + "/refs"}, nil)
		},
		"a common directory": func(t *testing.T, other, dir string) error {
			return plantedGit(dir, nil, map[string]string{"commondir": other + "\n"})
		},
		"alternates": func(t *testing.T, other, dir string) error {
			return plantedGit(dir, map[string]string{"refs": other + "/refs"}, map[string]string{"objects/info/alternates": other + "/objects\n"})
		},
		"a work tree of its own": func(t *testing.T, other, dir string) error {
			if err := plantedGit(dir, nil, nil); err != nil {
				return err
			}
			if err := os.Rename(filepath.Join(dir, ".git"), filepath.Join(dir, "fake")); err != nil {
				return err
			}
			for name, text := range map[string]string{"fake/commondir": other + "\n", "fake/gitdir": filepath.Join(dir, ".git") + "\n", ".git": "gitdir: fake\n"} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
					return err
				}
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := llmls.Home(t, "http://127.0.0.1:1", calm)
			other := changed(t, h)
			file := h.Write(t, "hostile/a.py", "nothing\n")
			if err := plant(t, filepath.Join(other, ".git"), filepath.Dir(file)); err != nil {
				t.Fatal(err)
			}
			h.WorkDir = filepath.Dir(file)
			c := h.Run(t, "ask", "--dry-run", "#diff")
			if c.Exits(1); strings.Contains(c.Stdout.String(), "two = 2") {
				t.Errorf("what is committed elsewhere left: %q", c.Stdout.String())
			}
			git(t, h, "w", "worktree", "add", "-q", "../tree")
			h.Write(t, "tree/a.py", "one = 1\ntwo = 222\n")
			h.WorkDir = filepath.Join(h.Dir, "tree")
			if c := h.Run(t, "ask", "--dry-run", "#diff"); !strings.Contains(c.Stdout.String(), `-two = 2\n+two = 222\n`) {
				t.Errorf("a work tree of its own: %q", c.Stdout.String())
			}
		})
	}
}

// plantedGit makes a repository in dir with links and files.
func plantedGit(dir string, links, files map[string]string) error {
	root := filepath.Join(dir, ".git")
	if err := os.MkdirAll(filepath.Join(root, "objects/info"), 0o700); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(root, "refs"), 0o700); err != nil {
		return err
	}
	for name, target := range links {
		if err := os.RemoveAll(filepath.Join(root, name)); err != nil {
			return err
		}
		if err := os.Symlink(target, filepath.Join(root, name)); err != nil {
			return err
		}
	}
	if err := os.WriteFile(filepath.Join(root, "HEAD"), []byte("ref: refs/heads/main\n"), 0o600); err != nil {
		return err
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}
