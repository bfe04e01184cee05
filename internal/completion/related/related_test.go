package related_test

import (
	"flag"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
	"pgregory.net/rapid"

	"github.com/llmls/llmls/internal/completion/related"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// A tree is a related.Source: texts by path.
type tree map[string]string

func (t tree) File(path string) *related.File {
	if text, ok := t[path]; ok {
		return related.NewFile(path, "", text)
	}
	return nil
}

func (t tree) Names(dir string) []string {
	var names []string
	for p := range t {
		if path.Dir(p) == dir {
			names = append(names, path.Base(p))
		}
	}
	slices.Sort(names)
	return names
}

// tokens counts more than any tokenizer, so that budgets bite.
func tokens(s string) int { return (len(s) + 2) / 3 }

// TestGolden reads the files of an archive, one of which has its selection
// between « and », and compares what is found for it with the file want.
func TestGolden(t *testing.T) {
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(archives) < 6 {
		t.Fatalf("%d archives, %v", len(archives), err)
	}
	for _, name := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			files, want := tree{}, -1
			var query related.Query
			for i, file := range archive.Files {
				text := string(file.Data)
				if file.Name == "want" {
					want = i
					continue
				}
				if before, rest, ok := strings.Cut(text, "«"); ok {
					selection, after, _ := strings.Cut(rest, "»")
					text = before + selection + after
					query.File = related.NewFile(file.Name, "", text)
					query.First = 1 + strings.Count(before, "\n")
					query.Last = query.First + strings.Count(selection, "\n") - 1
				}
				files[file.Name] = text
			}
			query.Source, query.Budget, query.Tokens = files, 1200, tokens
			var b strings.Builder
			for _, p := range related.Collect(&query).Pieces {
				fmt.Fprintf(&b, "%s:%d-%d %s\n%s", p.Path, p.First, p.Last, p.Why, indent(p.Text))
			}
			if *update {
				if want < 0 {
					archive.Files, want = append(archive.Files, txtar.File{Name: "want"}), len(archive.Files)
				}
				archive.Files[want].Data = []byte(b.String())
				if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if want < 0 {
				t.Fatal("there is no file want; run with -update")
			}
			if diff := cmp.Diff(string(archive.Files[want].Data), b.String()); diff != "" {
				t.Errorf("differs (-want +got; rewrite with -update):\n%s", diff)
			}
		})
	}
}

func indent(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString("    " + strings.TrimRight(line, "\r\n") + "\n")
	}
	return b.String()
}

// names are paths of the trees of TestCollectHoldsItsRules, of all languages.
var names = []string{
	"a.go", "b.go", "p/c.go", "go.mod", "a.ts", "b.ts", "c/index.ts", "a.py", "b.py", "p/__init__.py", "a.rs", "mod.rs", "a.c", "a.h",
	"A.java", "a.cs", "a.kt", "a.swift", "a.rb", "a.php", "a.lua", "a.el", "a.zig", "a.hs", "a.sh", "Makefile", "a.sql", "a.txt", "a.tf", "a.scala",
}

// words make texts that look like code to one language or another.
var words = []string{
	"\n", "\n", "\n", "\n    ", "\n\t", "\n  ", " ", " ", "(", ")", "{", "}", "[", "]", "<", ">", "a", "b", "foo", "Bar", "baz1", "$x", "é", ".", ".", ":", "::", "->",
	";", ",", "=", ":=", "==", "=>", "func ", "type ", "struct {", "class ", "def ", "fn ", "impl ", "import ", "from ", "use ", "package a\n", "const ", "var ", "let ",
	"interface ", "enum ", "typedef ", "namespace ", "return ", "self.", "this.", "\"", "'", "`", "\"\"\"", "/*", "*/", "//", "#", "--", ";;", "{-", "-}", "\\", "${", "}", "\r", "\r\n",
	"import (\n", "\"./b\"", "'./c'", "#include \"a.h\"\n", "#define X ", "require 'b'", "@", "template<", "module ", "data ", "(defun ", "export * from './b'\n", "end\n", "\x00",
}

func TestCollectHoldsItsRules(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.Custom(func(t *rapid.T) string {
			return strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 0, 60).Draw(t, "words"), "")
		})
		files := tree(rapid.MapOfN(rapid.SampledFrom(names), text, 1, 8).Draw(t, "files"))
		name := rapid.SampledFrom(slices.Sorted(keys(files))).Draw(t, "name")
		count := 1 + strings.Count(files[name], "\n")
		first := rapid.IntRange(1, count).Draw(t, "first")
		query := func() *related.Query {
			return &related.Query{
				File: related.NewFile(name, "", files[name]), First: first, Last: rapid.IntRange(first, count).Draw(t, "last"),
				Budget: rapid.IntRange(0, 300).Draw(t, "budget"), Tokens: tokens, Source: files,
				Places: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) related.Place {
					return related.Place{
						Path: rapid.SampledFrom(names).Draw(t, "path"), Why: "known",
						First: rapid.IntRange(-2, 70).Draw(t, "from"), Last: rapid.IntRange(-2, 70).Draw(t, "to"),
					}
				}), 0, 4).Draw(t, "places"),
			}
		}()
		r := related.Collect(query)
		check(t, files, query, r)
		again := *query
		again.File = related.NewFile(name, "", files[name])
		if got := related.Collect(&again); fmt.Sprint(plain(got)) != fmt.Sprint(plain(r)) {
			t.Fatalf("the same files give %v, then %v", plain(r), plain(got))
		}
	})
}

func keys(files tree) func(func(string) bool) {
	return func(yield func(string) bool) {
		for name := range files {
			if !yield(name) {
				return
			}
		}
	}
}

// plain returns what a result says, without what it points to.
func plain(r *related.Result) []any {
	all := []any{r.Tokens, r.Omitted}
	for _, p := range r.Pieces {
		all = append(all, p.Path, p.First, p.Last, p.Text, p.Why, p.Own, p.Rank)
	}
	return all
}

// check fails unless the pieces are lines of their files, none twice, none of
// the selection, each with a reason, within the budget.
func check(t *rapid.T, files tree, query *related.Query, r *related.Result) {
	seen := map[string]bool{}
	spent := 0
	for _, p := range r.Pieces {
		lines := split(files[p.Path])
		if p.First < 1 || p.Last < p.First || p.Last > len(lines) {
			t.Fatalf("lines %d-%d of %s, which has %d", p.First, p.Last, p.Path, len(lines))
		}
		if want := strings.Join(lines[p.First-1:p.Last], ""); p.Text != want {
			t.Fatalf("lines %d-%d of %s are %q, want %q", p.First, p.Last, p.Path, p.Text, want)
		}
		for i := p.First; i <= p.Last; i++ {
			key := fmt.Sprint(p.Path, " ", i)
			if seen[key] || p.Own && i >= query.First && i <= query.Last {
				t.Fatalf("line %d of %s is shown twice", i, p.Path)
			}
			seen[key] = true
		}
		if p.Why == "" || p.Own != (p.Path == query.File.Path) {
			t.Fatalf("piece %+v", p)
		}
		spent += tokens(p.Text)
	}
	if spent > r.Tokens || r.Tokens > query.Budget {
		t.Fatalf("%d tokens of text, %d are said, %d allowed", spent, r.Tokens, query.Budget)
	}
}

// split cuts a text into lines as LSP has them.
func split(text string) []string {
	var lines []string
	for text != "" {
		end := strings.IndexAny(text, "\r\n") + 1
		if end == 0 {
			end = len(text)
		} else if strings.HasPrefix(text[end-1:], "\r\n") {
			end++
		}
		lines, text = append(lines, text[:end]), text[end:]
	}
	return lines
}

// BenchmarkCollect reads this package anew each time, as the first question
// about a directory does.
func BenchmarkCollect(b *testing.B) {
	files := tree{}
	names, err := filepath.Glob("*.go")
	if err != nil || len(names) == 0 {
		b.Fatal(names, err)
	}
	size := 0
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			b.Fatal(err)
		}
		files[name], size = string(text), size+len(text)
	}
	b.SetBytes(int64(size))
	for b.Loop() {
		r := related.Collect(&related.Query{
			File: related.NewFile("collect.go", "", files["collect.go"]), First: 120, Last: 150, Budget: 1200, Tokens: tokens, Source: files,
		})
		if len(r.Pieces) == 0 {
			b.Fatal("nothing was found")
		}
	}
}
