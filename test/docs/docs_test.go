// Package docs holds what the pages say of the tree to the tree.
package docs

import (
	"bytes"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const root = "../.."

// files returns the paths, from the root, of the tree's files that end in
// suffix; what is fetched, built or data is left out.
func files(t *testing.T, suffix string) []string {
	t.Helper()
	var found []string
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != "." && (strings.HasPrefix(entry.Name(), ".") || slices.Contains([]string{"testdata", "node_modules", "bin"}, entry.Name())):
			return fs.SkipDir
		case !entry.IsDir() && strings.HasSuffix(name, suffix):
			found = append(found, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func read(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// column returns the code in the first column of the tables under a heading.
func column(t *testing.T, page, heading string) []string {
	t.Helper()
	_, section, ok := strings.Cut(page, "\n## "+heading+"\n")
	if !ok {
		t.Fatalf("the page has no heading %q", heading)
	}
	section, _, _ = strings.Cut(section, "\n## ")
	var cells []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\|").FindAllStringSubmatch(section, -1) {
		cells = append(cells, m[1])
	}
	slices.Sort(cells)
	return cells
}

func TestDependencies(t *testing.T) {
	modules := required(t)
	imported := map[string]bool{}
	for _, name := range files(t, ".go") {
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, name), nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range file.Imports {
			pkg, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			for _, module := range modules {
				if pkg == module || strings.HasPrefix(pkg, module+"/") {
					imported[module] = true
				}
			}
		}
	}
	linked := map[string]bool{}
	list := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", "./cmd/llmls")
	list.Dir = root
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for _, module := range strings.Fields(string(out)) {
		linked[module] = true
	}
	var binary, tests []string
	for _, module := range modules {
		switch {
		case imported[module] && linked[module]:
			binary = append(binary, module)
		case imported[module]:
			tests = append(tests, module)
		}
	}

	page := read(t, "docs/dependencies.md")
	same(t, "in the binary", binary, column(t, page, "In the binary"))
	same(t, "for tests", tests, column(t, page, "For tests and releases alone"))
	same(t, "tools", tools(t, "tools.mod"), column(t, page, "Tools"))
	same(t, "tools of a release", tools(t, "release/tools.mod"), column(t, page, "Tools of a release"))
}

// required returns the modules of go.mod.
func required(t *testing.T) []string {
	return matches(read(t, "go.mod"), `(?m)^(?:require )?\s*(\S+\.\S+/\S+) v\S+`)
}

// tools returns the commands that a file of modules pins.
func tools(t *testing.T, file string) []string {
	_, block, _ := strings.Cut(read(t, file), "\ntool (\n")
	block, _, _ = strings.Cut(block, "\n)")
	return matches(block, `(?m)^\s+(\S+)$`)
}

func matches(text, pattern string) []string {
	var list []string
	for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		list = append(list, m[1])
	}
	slices.Sort(list)
	return list
}

func same(t *testing.T, what string, tree, page []string) {
	t.Helper()
	if len(tree) == 0 {
		t.Errorf("%s: the tree has none, so nothing was compared", what)
	}
	if diff := cmp.Diff(tree, page); diff != "" {
		t.Errorf("docs/dependencies.md, %s (- the tree, + the page):\n%s", what, diff)
	}
}

// Every test that a page names as the proof of something is there.
func TestNamedTests(t *testing.T) {
	var source bytes.Buffer
	for _, name := range files(t, ".go") {
		source.WriteString(read(t, name))
	}
	checked := 0
	for _, page := range files(t, ".md") {
		for _, name := range matches(read(t, page), "`((?:Test|Fuzz)\\w+)`") {
			if checked++; !strings.Contains(source.String(), "func "+name+"(") {
				t.Errorf("%s names %s, which does not exist", page, name)
			}
		}
	}
	if checked == 0 {
		t.Error("no page names a test")
	}
}

// Each row of the threat table names the tests that hold it and the mutants
// that they catch, and no mutant is left out.
func TestThreats(t *testing.T) {
	const mutants = "test/mutants"
	page := read(t, "docs/threats.md")
	held := map[string]bool{}
	for _, row := range matches(page, `(?m)^(\| .* \|)$`) {
		cells := strings.Split(strings.Trim(row, "| "), " | ")
		if len(cells) != 4 || strings.HasPrefix(cells[0], "---") || cells[3] == "without it" {
			continue
		}
		tests := matches(cells[2], "`(Test\\w+)`")
		removed := matches(cells[3], `\(\.\./`+mutants+`/([\w-]+)\.patch\)`)
		if len(tests) == 0 || len(removed) == 0 {
			t.Errorf("%q needs a test and a mutant", cells[0])
		}
		for _, name := range removed {
			held[name] = true
			first, _, _ := strings.Cut(read(t, mutants+"/"+name+".patch"), "\n")
			if !slices.ContainsFunc(tests, func(test string) bool { return strings.Contains(first, test) }) {
				t.Errorf("%q: mutant %s is caught by another test: %s", cells[0], name, first)
			}
		}
	}
	for _, path := range files(t, ".patch") {
		if filepath.ToSlash(filepath.Dir(path)) != mutants {
			continue
		}
		if name := strings.TrimSuffix(filepath.Base(path), ".patch"); !held[name] {
			t.Errorf("docs/threats.md does not name the mutant %s", name)
		}
	}
	if len(held) == 0 {
		t.Error("no row was looked at")
	}
}

// Every link from page to page, to a heading or to a file leads somewhere.
func TestLinks(t *testing.T) {
	checked := 0
	for _, page := range files(t, ".md") {
		for _, target := range matches(prose(read(t, page)), `\]\(([^)\s]+)\)`) {
			if strings.Contains(target, "://") {
				continue
			}
			checked++
			if err := follow(page, target); err != nil {
				t.Errorf("%s: %s: %v", page, target, err)
			}
		}
	}
	if checked == 0 {
		t.Error("no page has a link")
	}
}

func follow(page, target string) error {
	name, anchor, _ := strings.Cut(target, "#")
	to := page
	if name != "" {
		to = path.Join(path.Dir(page), name)
	}
	if anchor == "" {
		_, err := os.Stat(filepath.Join(root, to))
		return err
	}
	raw, err := os.ReadFile(filepath.Join(root, to))
	if err != nil {
		return err
	}
	for line := range strings.Lines(prose(string(raw))) {
		if heading := strings.TrimLeft(line, "#"); heading != line && slug(heading) == anchor {
			return nil
		}
	}
	return fmt.Errorf("no heading makes #%s", anchor)
}

// prose is a page without its blocks of code.
func prose(page string) string {
	return regexp.MustCompile("(?ms)^```.*?^```$").ReplaceAllString(page, "")
}

// slug is the anchor that GitHub makes of a heading.
func slug(heading string) string {
	heading = strings.ToLower(strings.TrimSpace(heading))
	heading = regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(heading, "")
	return strings.ReplaceAll(heading, " ", "-")
}
