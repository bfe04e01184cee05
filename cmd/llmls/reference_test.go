package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/llmls/llmls/internal/settings"
)

// Each command has a manual page that names each of its flags, llmls(1) leads to each,
// and llmls-config(5) has every setting. They are the same each time.
func TestManualPages(t *testing.T) {
	dir := t.TempDir()
	run := func(program string, args ...string) {
		cmd := exec.Command(program, args...)
		cmd.Dir, cmd.Env = "../..", append(os.Environ(), "SOURCE_DATE_EPOCH=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v: %s", program, err, out)
		}
	}
	binary := filepath.Join(dir, "llmls.exe") // Windows wants the suffix
	run("go", "build", "-trimpath", "-tags", "reference", "-o", binary, "./cmd/llmls")
	write := func(name string) string {
		run(binary, "reference", filepath.Join(dir, name))
		return filepath.Join(dir, name)
	}
	first, second := write("first"), write("second")
	read := func(name string) string {
		page, err := os.ReadFile(filepath.Join(first, name))
		if err != nil {
			t.Error(err)
		}
		again, err := os.ReadFile(filepath.Join(second, name))
		if err != nil || !bytes.Equal(page, again) {
			t.Errorf("%s differs the second time: %v", name, err)
		}
		return string(page)
	}
	pages := 1
	forEachCommand(commandTree(), func(cmd *cobra.Command) {
		pages++
		name := strings.ReplaceAll(cmd.CommandPath(), " ", "-")
		page := read("man/" + name + ".1")
		names := flags(cmd)
		if !slices.Contains(names, "--help") {
			t.Errorf("%s has the flags %q, without --help", cmd.CommandPath(), names)
		}
		for _, flag := range names {
			if !strings.Contains(page, `\fB`+flag+`\fP`) {
				t.Errorf("%s(1) has no %s", name, flag)
			}
		}
		if parent := cmd.Parent(); parent != nil {
			if above := strings.ReplaceAll(parent.CommandPath(), " ", "-"); !strings.Contains(read("man/"+above+".1"), name+`(1)`) {
				t.Errorf("%s(1) does not lead to %s(1)", above, name)
			}
		}
		if strings.Contains(page, "\n\t") {
			t.Errorf("%s(1) has a tab in its text", name)
		}
	})
	config := read("man/llmls-config.5")
	defaults := settings.Resolve()
	for row := range strings.Lines(defaults.Table("")) {
		name, _, _ := strings.Cut(row, " ")
		if name != "SETTING" && name != "the" && !strings.Contains(config, "\n.SS "+name+"\n") {
			t.Errorf("llmls-config(5) has no section about %s", name)
		}
	}
	if written, err := filepath.Glob(filepath.Join(first, "man/*")); err != nil || len(written) != pages {
		t.Errorf("%d pages for %d commands and the settings: %v", len(written), pages-1, err)
	}
	for _, shell := range []string{"llmls", "_llmls", "llmls.fish", "llmls.ps1"} {
		if !strings.Contains(read("completions/"+shell), "llmls") {
			t.Errorf("completions/%s says nothing of llmls", shell)
		}
	}
}

// A shell completes each command and each flag, since that is what their scripts ask for.
func TestCompletionOfFlags(t *testing.T) {
	complete := func(words ...string) string {
		root := newProgram().newRoot()
		var out bytes.Buffer
		root.SetOut(&out)
		root.SetErr(new(bytes.Buffer))
		root.SetArgs(append([]string{"__complete"}, words...))
		if err := root.ExecuteContext(t.Context()); err != nil {
			t.Errorf("%q: %v", words, err)
		}
		return "\n" + out.String()
	}
	forEachCommand(commandTree(), func(cmd *cobra.Command) {
		path := strings.Fields(cmd.CommandPath())[1:]
		offered := complete(append(path, "--")...)
		for _, flag := range flags(cmd) {
			if !strings.Contains(offered, "\n"+flag+"\t") && !strings.Contains(offered, "\n"+flag+"=\t") {
				t.Errorf("%s: no %s among %q", cmd.CommandPath(), flag, offered)
			}
		}
		if cmd.HasParent() {
			if names := complete(append(path[:len(path)-1:len(path)-1], "")...); !strings.Contains(names, "\n"+cmd.Name()+"\t") {
				t.Errorf("no %s among %q", cmd.CommandPath(), names)
			}
		}
	})
}

// commandTree returns all commands, with those that cobra adds when it runs one.
func commandTree() *cobra.Command {
	root := newProgram().newRoot()
	root.InitDefaultCompletionCmd()
	return root
}

// flags returns the flags that --help of cmd shows.
func flags(cmd *cobra.Command) []string {
	var names []string
	for _, line := range flagLine.FindAllStringSubmatch(cmd.Flags().FlagUsages(), -1) {
		names = append(names, line[1])
	}
	return names
}

var flagLine = regexp.MustCompile(`(?m)^ +(?:-\w, )?(--[\w-]+)`)

// forEachCommand calls visit for cmd and all below it that --help shows.
func forEachCommand(cmd *cobra.Command, visit func(*cobra.Command)) {
	cmd.InitDefaultHelpFlag()
	visit(cmd)
	for _, below := range cmd.Commands() {
		if below.IsAvailableCommand() {
			forEachCommand(below, visit)
		}
	}
}
