// Command gengo draws functions and blocks of the standard library and prints,
// for each, where the names that it uses are defined, as the type checker has it:
// a selection a line, in JSON.
package main

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/build"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"log"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const packages = `net/http encoding/json encoding/xml encoding/gob encoding/asn1 text/template text/template/parse html/template
	go/types go/parser go/printer go/doc compress/flate compress/bzip2 regexp regexp/syntax database/sql crypto/tls crypto/x509
	image/png image/jpeg image/gif archive/zip archive/tar os/exec net time strconv reflect bufio mime/multipart net/url net/mail
	net/textproto math/big sync context testing log/slog debug/dwarf debug/elf text/tabwriter io/fs path/filepath encoding/csv
	net/http/httputil net/rpc fmt bytes strings sort unicode/utf8 html internal/trace`

// A need is a name that a selection uses and that is defined outside of it.
type need struct {
	Name     string `json:"name"`
	File     string `json:"file"`
	Line     int    `json:"line"`
	Category string `json:"cat"` // import, local, file, package or other
}

type selection struct {
	ID    string `json:"id"`
	File  string `json:"file"`
	First int    `json:"first"`
	Last  int    `json:"last"`
	Kind  string `json:"kind"`
	Lang  string `json:"lang"`
	Needs []need `json:"needs"`
}

// A drawer has one package and what was drawn so far.
type drawer struct {
	fset *token.FileSet
	rng  *rand.Rand
	pkg  *types.Package
	info *types.Info

	functions, blocks []selection
}

func main() {
	functions := flag.Int("functions", 120, "how many functions")
	blocks := flag.Int("blocks", 80, "how many blocks of 3 to 12 lines")
	seed := flag.Uint64("seed", 7, "which ones")
	flag.Parse()
	build.Default.CgoEnabled = false
	d := &drawer{fset: token.NewFileSet(), rng: rand.New(rand.NewPCG(*seed, 1))}
	source := importer.ForCompiler(d.fset, "source", nil)
	for path := range strings.FieldsSeq(packages) {
		if err := d.read(path, source.(types.ImporterFrom)); err != nil {
			log.Fatal(err)
		}
	}
	for _, err := range []error{d.print(d.functions, *functions), d.print(d.blocks, *blocks)} {
		if err != nil {
			log.Fatal(err)
		}
	}
}

// A from imports what the packages in a directory import.
type from struct {
	types.ImporterFrom
	dir string
}

func (f from) Import(path string) (*types.Package, error) { return f.ImportFrom(path, f.dir, 0) }

func (d *drawer) read(path string, source types.ImporterFrom) error {
	found, err := build.Import(path, "", 0)
	if err != nil {
		return fmt.Errorf("finding %s: %w", path, err)
	}
	var files []*ast.File
	for _, name := range found.GoFiles {
		file, err := parser.ParseFile(d.fset, filepath.Join(found.Dir, name), nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return fmt.Errorf("parsing %s: %w", path, err)
		}
		files = append(files, file)
	}
	d.info = &types.Info{Uses: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: from{source, found.Dir}, Error: func(error) {}, Sizes: types.SizesFor("gc", "amd64")}
	d.pkg, _ = config.Check(path, d.fset, files, d.info) // errors leave names without a need
	for _, file := range files {
		if d.fset.File(file.Pos()).LineCount() < 150 {
			continue
		}
		for _, declaration := range file.Decls {
			if f, ok := declaration.(*ast.FuncDecl); ok && f.Body != nil {
				d.function(file, f)
			}
		}
	}
	return nil
}

func (d *drawer) line(pos token.Pos) int { return d.fset.Position(pos).Line }

func (d *drawer) function(file *ast.File, f *ast.FuncDecl) {
	first, last := d.line(f.Pos()), d.line(f.End())
	if n := last - first + 1; n >= 8 && n <= 80 {
		d.functions = append(d.functions, d.selection(file, first, last, "function"))
	}
	if last-first+1 < 40 {
		return
	}
	ast.Inspect(f.Body, func(n ast.Node) bool {
		if block, ok := n.(*ast.BlockStmt); ok && len(block.List) > 1 {
			i := d.rng.IntN(len(block.List) - 1)
			a, b := d.line(block.List[i].Pos()), d.line(block.List[min(len(block.List)-1, i+2)].End())
			if n := b - a + 1; n >= 3 && n <= 12 {
				d.blocks = append(d.blocks, d.selection(file, a, b, "block"))
			}
		}
		return true
	})
}

func (d *drawer) selection(file *ast.File, first, last int, kind string) selection {
	s := selection{File: d.fset.File(file.Pos()).Name(), First: first, Last: last, Kind: kind, Lang: "go"}
	seen := map[types.Object]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		name, ok := n.(*ast.Ident)
		if !ok || d.line(name.Pos()) < first || d.line(name.Pos()) > last {
			return true
		}
		object := origin(d.info.Uses[name])
		if object == nil || seen[object] || !object.Pos().IsValid() || object.Pkg() == nil {
			return true
		}
		seen[object] = true
		at := d.fset.Position(object.Pos())
		if at.Filename != s.File || at.Line < first || at.Line > last {
			s.Needs = append(s.Needs, need{object.Name(), at.Filename, at.Line, d.category(object, s.File)})
		}
		return true
	})
	slices.SortFunc(s.Needs, func(a, b need) int {
		return cmp.Or(cmp.Compare(a.Category+a.Name+a.File, b.Category+b.Name+b.File), cmp.Compare(a.Line, b.Line))
	})
	root := filepath.Join(build.Default.GOROOT, "src") + "/"
	s.ID = fmt.Sprintf("%s:%d-%d", strings.TrimPrefix(s.File, root), first, last)
	return s
}

// origin returns the generic form of what may be an instance.
func origin(object types.Object) types.Object {
	switch o := object.(type) {
	case *types.Func:
		return o.Origin()
	case *types.Var:
		return o.Origin()
	}
	return object
}

// category returns where object is defined, relative to file.
func (d *drawer) category(object types.Object, file string) string {
	_, imported := object.(*types.PkgName)
	switch {
	case imported:
		return "import"
	case object.Pkg() != d.pkg:
		return "other"
	case object.Parent() != nil && object.Parent() != d.pkg.Scope():
		return "local"
	case d.fset.Position(object.Pos()).Filename == file:
		return "file"
	}
	return "package"
}

// print prints n of list with at least three needs, not too many of a package.
func (d *drawer) print(list []selection, n int) error {
	d.rng.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	out, left, per := json.NewEncoder(os.Stdout), n, map[string]int{}
	for _, s := range list {
		dir := filepath.Dir(s.File)
		if len(s.Needs) < 3 || per[dir] > n/12 || left == 0 {
			continue
		}
		per[dir]++
		left--
		if err := out.Encode(s); err != nil {
			return fmt.Errorf("printing: %w", err)
		}
	}
	return nil
}
