package docs

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/setup"
)

var update = flag.Bool("update", false, "rewrite what the pages of the editors show")

// What stands on the pages of the editors is what `llmls setup` prints and what
// the tests in test/editors saw. A comment above the block says which:
// "setup EDITOR LANGUAGE… PART", or "screen NAME".
func TestEditorPages(t *testing.T) {
	block := regexp.MustCompile("(?s)<!-- (setup|screen) ([^>]*) -->\n```(\\w+)\n(.*?)```\n")
	shown := map[string]bool{}
	for _, page := range files(t, ".md") {
		if filepath.ToSlash(filepath.Dir(page)) != "docs/editors" {
			continue
		}
		text := read(t, page)
		now := block.ReplaceAllStringFunc(text, func(found string) string {
			m := block.FindStringSubmatch(found)
			words := strings.Fields(m[2])
			shown[m[1]+" "+words[0]] = true
			var want string
			if m[1] == "setup" {
				want = printed(t, words)
			} else {
				want = read(t, "test/editors/testdata/"+words[0]+".txt")
			}
			return "<!-- " + m[1] + " " + m[2] + " -->\n```" + m[3] + "\n" + want + "```\n"
		})
		switch {
		case *update:
			if err := os.WriteFile(filepath.Join(root, page), []byte(now), 0o600); err != nil {
				t.Fatal(err)
			}
		case now != text:
			same(t, page, strings.Split(now, "\n"), strings.Split(text, "\n"))
		}
	}
	for _, name := range setup.Names() {
		if !shown["setup "+name] {
			t.Errorf("no page shows how %s is set up", name)
		}
	}
}

// printed returns what `llmls setup` prints as one part.
func printed(t *testing.T, words []string) string {
	t.Helper()
	editor, err := setup.Find(words[0])
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(words[len(words)-1])
	if err != nil {
		t.Fatal(err)
	}
	parts, err := editor.Parts(setup.Dirs{}, slices.Clone(words[1:len(words)-1]))
	if err != nil {
		t.Fatal(err)
	}
	return parts[n].Text
}
