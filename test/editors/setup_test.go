package editors_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/setup"
)

// Standard output is the configuration and nothing else, so that it can be
// redirected; what is written is what was printed, once.
func TestSetup(t *testing.T) {
	t.Parallel()
	h := llmls.Home(t, "http://127.0.0.1:1", "")
	printed := h.Run(t, "setup", "helix", "python")
	printed.Exits(0)
	printed.Says(filepath.Join(h.Dir, "config", "helix", "languages.toml"), "Space a")

	h.Write(t, "config/helix/languages.toml", "[[language]]\nname = \"go\"\n")
	written := h.Run(t, "setup", "helix", "--write", "python")
	written.Exits(0)
	for _, word := range []string{"+ [language-server.llmls]", `  name = "go"`, "config.toml"} {
		if !strings.Contains(written.Stdout.String(), word) {
			t.Errorf("the change does not show %q:\n%s", word, written.Stdout.String())
		}
	}
	languages, err := os.ReadFile(filepath.Join(h.Dir, "config", "helix", "languages.toml"))
	if err != nil || !strings.HasPrefix(string(languages), "[[language]]\nname = \"go\"\n") {
		t.Errorf("languages.toml became %q, %v", languages, err)
	}
	again := h.Run(t, "setup", "helix", "--write", "python")
	again.Exits(0)
	if got := again.Stdout.String(); strings.Contains(got, "+ ") || strings.Count(got, "has it already") != 2 {
		t.Errorf("written again it says\n%s", got)
	}
}

// What cannot be changed safely stays, all of it, and the next step is told.
func TestSetupRefuses(t *testing.T) {
	t.Parallel()
	const mine = "[[language]]\nname = \"python\"\nlanguage-servers = [\n  \"pylsp\",\n]\n"
	h := llmls.Home(t, "http://127.0.0.1:1", "")
	path := h.Write(t, "config/helix/languages.toml", mine)
	refused := h.Run(t, "setup", "helix", "--write", "python")
	refused.Exits(1)
	refused.Says(path, "by hand")
	if raw, err := os.ReadFile(path); err != nil || string(raw) != mine {
		t.Errorf("it became %q, %v", raw, err)
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(path), "config.toml")); err == nil {
		t.Error("half of it was written")
	}
	for _, wrong := range [][]string{{"setup"}, {"setup", "ed"}, {"setup", "emacs", "python"}, {"setup", "helix", "klingon"}} {
		h.Run(t, wrong...).Exits(2)
	}
}

func TestSetupCompletes(t *testing.T) {
	t.Parallel()
	h := llmls.Home(t, "http://127.0.0.1:1", "")
	h.Run(t, "__complete", "setup", "").Prints("coc\nemacs\ngeany\nhelix\nkate\nlsp-mode\nneovim\nvim\nvscode\n:4\n")
}

// Helix's own servers are those that this Helix has.
func TestHelixServers(t *testing.T) {
	t.Parallel()
	hx, err := exec.LookPath(find(t, "hx"))
	if err != nil {
		t.Fatal(err)
	}
	table, err := os.ReadFile(filepath.Join(root, "internal", "setup", "files", "helix.servers"))
	if err != nil {
		t.Fatal(err)
	}
	helix, err := setup.Find("helix")
	if err != nil {
		t.Fatal(err)
	}
	server := regexp.MustCompile(`(?m)^ +\S+ (\S+): `)
	for line := range strings.Lines(string(table)) {
		language, servers, _ := strings.Cut(strings.TrimSpace(line), ":")
		health := exec.Command(hx, "--health", language)
		health.Env = []string{"HOME=" + t.TempDir(), "PATH=/usr/bin:/bin"}
		out, err := health.CombinedOutput()
		if err != nil {
			t.Fatalf("hx --health %s: %v\n%s", language, err, out)
		}
		said, _, _ := strings.Cut(string(out), "Configured debug adapter")
		said = regexp.MustCompile("\x1b\\[[0-9;]*m").ReplaceAllString(said, "")
		var has []string
		for _, m := range server.FindAllStringSubmatch(said, -1) {
			has = append(has, m[1])
		}
		if got := strings.TrimSpace(servers); got != strings.Join(has, " ") {
			t.Errorf("for %s the table has %q, Helix %q", language, got, has)
		}
		if _, err := helix.Parts(setup.Dirs{}, []string{language}); err != nil {
			t.Error(err)
		}
	}
}
