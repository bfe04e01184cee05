package ignore

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

// git reports which of the paths the ignore files exclude.
func git(t testing.TB, dir string, paths []string) map[string]bool {
	t.Helper()
	cmd := exec.Command("git", "-c", "core.ignorecase=true", "-c", "core.excludesFile=/dev/null", "check-ignore", "--no-index", "-z", "--stdin")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null")
	cmd.Stdin = strings.NewReader(strings.Join(paths, "\x00"))
	var out, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &stderr
	if err := cmd.Run(); err != nil && cmd.ProcessState.ExitCode() != 1 { // 1: none is ignored
		t.Fatalf("git check-ignore: %v: %s", err, stderr.String())
	}
	ignored := map[string]bool{}
	for name := range strings.SplitSeq(strings.TrimSuffix(out.String(), "\x00"), "\x00") {
		ignored[name] = true
	}
	return ignored
}

func repository(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	init := exec.Command("git", "init", "-q", dir)
	init.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null")
	if out, err := init.CombinedOutput(); err != nil {
		t.Fatalf("git init: %v: %s", err, out)
	}
	return dir
}

// excludes reports whether the rules of the directories exclude name.
func excludes(rules map[string]string, name string) bool {
	d := newDecision(name)
	elements := strings.Split(strings.TrimPrefix(path.Clean("/"+name), "/"), "/")
	m := matcher{steps: maxSteps}
	for depth := range elements {
		text, _ := decode([]byte(rules[path.Join(elements[:depth]...)]))
		d.apply(depth, ".gitignore", text, &pattern{}, &m)
		if _, ok := d.excluded(depth, depth); ok {
			return true
		}
	}
	return false
}

// compare fails the test where we and git say different things of a path.
func compare(t *testing.T, dir string, rules map[string]string, paths []string) {
	t.Helper()
	for where, text := range rules {
		name := filepath.Join(dir, where, ".gitignore")
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ignored := git(t, dir, paths)
	for _, name := range paths {
		if got := excludes(rules, name); got != ignored[name] {
			t.Errorf("%q: git says %v, llmls %v; rules %q", name, ignored[name], got, rules)
		}
	}
}

var samplePaths = []string{
	"a", "b", "A", "ab", "abc", "a.b", "b.key", "B.KEY", "a b", "a ", "!a", "#a", "a/b", "a/b/c", "a/b/c/d", "a/ab", "a/a", "b/a", "b/a/b", "b/a/c.key",
	"a/abc/b", "ab/c", "abc/a/b", "x/y/z/a", "a/x/y/b", "a*b", "a[b", "a\\b", "-", "a-b", "éabc", "a/.env", ".env", "a/b.key/c", "]", "[", "a/]",
}

func TestParseAgreesWithGit(t *testing.T) {
	dir := repository(t)
	for _, rule := range []string{
		"a", "/a", "a/", "/a/", "a/b", "a/b/", "*/b", "**/b", "a/**", "a/**/b", "**", "/**", "**/", "*", "/*", "*/", "a*", "*b", "*.key", "a/*.key", "**/*.key", "?", "??", "a?b",
		"[ab]", "[!a]", "[^a]", "[a-c]", "[]]", "[!]]", "[]a]", "[a", "a]", "[[:alpha:]]", "[[:digit:]]", "[[:nope:]]", "[[:alpha:]b]", "[\\]]", "[a-\\c]", "[-a]", "[a-]", "a[/]b",
		"\\a", "a\\", "\\!a", "\\#a", "#a", "!a", "a ", "a\\ ", "a  ", "a\t", "a\r", "\uFEFFa", "", "/", "//", "!", "!/", "a//b", "***", "a/***/b", "***/b", "a/b**", "a/**b", "a**b", "x/**/a",
		"a\n!a", "*\n!a", "*\n!a/", "*\n!*/\n!*.key", "a/\n!a/b", "a/*\n!a/b", "/*\n!/a\n/a/*\n!/a/b", "*.key\n!b.key\nb.key", ".env*\n!.env", "É", "a\\\\b", "a\\*b", "a\\[b",
	} {
		compare(t, dir, map[string]string{"": rule}, samplePaths)
	}
}

func TestGeneratedRulesAgreeWithGit(t *testing.T) {
	dir := repository(t)
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(list ...string) string { return list[random.IntN(len(list))] }
	rules := func() string {
		var lines []string
		for range 1 + random.IntN(4) {
			line := pick("", "", "", "!", "/", "!/", "**/", "!**/")
			for range 1 + random.IntN(4) {
				// A letter never stands right before **: of those git treats
				// some as if they began a name.
				line += pick("a", "b", "c", "B", "*", "?", "[ab]", "[!a]", "[a-c]", "/", ".key", "\\a", "/**/", "/*")
			}
			lines = append(lines, line+pick("", "", "", "/", "/**", " "))
		}
		return strings.Join(lines, "\n") + "\n"
	}
	name := func() string {
		parts := make([]string, 1+random.IntN(4))
		for i := range parts {
			parts[i] = pick("a", "b", "c", "ab", "abc", "A", "b.key", "a.key", "cab")
		}
		return path.Join(parts...)
	}
	for range 300 {
		var paths []string
		for range 40 {
			// Git reads rules in "a" and "a/b", which are directories then.
			if n := name(); n != "a" && n != "a/b" && n != "A" && n != "A/b" && !strings.HasPrefix(n, "A/") {
				paths = append(paths, n)
			}
		}
		compare(t, dir, map[string]string{"": rules(), "a": rules(), "a/b": rules()}, paths)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("a/**/[!b-c]\\d\n!x/", "a/b/c")
	f.Fuzz(func(_ *testing.T, rules, name string) { matching(rules, name) })
}
