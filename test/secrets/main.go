// Secrets counts what secrets.Find takes for a secret in trees of source code
// that hold none, or hardly any, and how long it takes: the price of finding
// the real ones. docs/performance.md has the figures.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
	"unicode/utf8"

	"github.com/llmls/llmls/internal/completion/secrets"
)

// maxFile is the largest file that llmls sends anything of.
const maxFile = 16 << 20

func main() {
	show := flag.Bool("show", false, "print each finding with its line")
	plant := flag.String("plant", "", "write the planted secrets into this directory first, each into a file, for other programs to find")
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: go run ./test/secrets [-show] [-plant DIRECTORY] [DIRECTORY…]")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() == 0 && *plant == "" {
		flag.Usage()
		os.Exit(2)
	}
	if *plant != "" {
		if err := plantInto(*plant); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	for _, dir := range flag.Args() {
		t := tree{dir: dir, kinds: map[string]int{}}
		if *show {
			t.found = printFinding
		}
		if err := filepath.WalkDir(dir, t.visit); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		t.report()
	}
}

// plantInto writes each text of internal/completion/secrets/testdata/planted,
// put together, into a file of its own.
func plantInto(dir string) error {
	names, err := filepath.Glob("internal/completion/secrets/testdata/planted/*.txt")
	if err != nil || len(names) == 0 {
		return errors.Join(errors.New("no planted secrets here: run this in the root of the repository"), err)
	}
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		_, texts, _ := strings.Cut(strings.NewReplacer("«", "", "»", "", "‸", "").Replace(string(raw)), "\n---\n")
		for i, text := range strings.Split(texts, "\n---\n") {
			file := fmt.Sprintf("%s-%02d.txt", strings.TrimSuffix(filepath.Base(name), ".txt"), i)
			if err := os.WriteFile(filepath.Join(dir, file), []byte(text+"\n"), 0o600); err != nil {
				return err
			}
		}
	}
	return nil
}

// A tree is what was found in a directory.
type tree struct {
	dir          string
	files, bytes int
	took         time.Duration
	kinds        map[string]int
	found        func(path, text string, s secrets.Secret)
}

func (t *tree) visit(path string, entry fs.DirEntry, err error) error {
	if err != nil || !entry.Type().IsRegular() {
		return err
	}
	info, err := entry.Info()
	if err != nil || info.Size() > maxFile {
		return err
	}
	raw, err := os.ReadFile(path)
	if err != nil || !utf8.Valid(raw) {
		return err
	}
	text := string(raw)
	began := time.Now()
	secrets := secrets.Find(text)
	t.took += time.Since(began)
	t.files++
	t.bytes += len(text)
	for _, s := range secrets {
		t.kinds[s.Kind]++
		if t.found != nil {
			t.found(path, text, s)
		}
	}
	return nil
}

func printFinding(path, text string, s secrets.Secret) {
	line := 1
	for _, c := range text[:s.Start] {
		if c == '\n' {
			line++
		}
	}
	value := text[s.Start:s.End]
	if len(value) > 80 {
		value = value[:80] + "…"
	}
	fmt.Printf("%s:%d: %s: %q\n", path, line, s.Kind, value)
}

func (t *tree) report() {
	megabytes := float64(t.bytes) / (1 << 20)
	fmt.Printf("%s: %d files, %.1f MB, %.1f µs for each KB\n", t.dir, t.files, megabytes,
		float64(t.took.Microseconds())/(float64(t.bytes)/1024))
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	total := 0
	kinds := make([]string, 0, len(t.kinds))
	for kind, n := range t.kinds {
		kinds = append(kinds, kind)
		total += n
	}
	slices.SortFunc(kinds, func(a, b string) int { return t.kinds[b] - t.kinds[a] })
	for _, kind := range append(kinds, "all") {
		n := t.kinds[kind]
		if kind == "all" {
			n = total
		}
		fmt.Fprintf(out, "  %s\t%d\t%.2f for each MB\n", kind, n, float64(n)/megabytes)
	}
	if err := out.Flush(); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
}
