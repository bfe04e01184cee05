// Sentences prints what llmls says, to people and to models, by the file that it
// stands in: to be read through, and translated. Causes, such as "it is no text",
// stand where they are found and end up in a sentence; they are printed, too. Entries
// of the log are not.
package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A said is a text of the program.
type said struct {
	file string
	line int
	text string // "…" stands for what is put in between
}

func main() {
	all, err := collect(os.DirFS("."))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	file := ""
	for _, s := range all {
		if s.file != file {
			file = s.file
			fmt.Printf("\n%s\n", file)
		}
		fmt.Printf("%5d  %s\n", s.line, strings.ReplaceAll(s.text, "\n", "\n       "))
	}
}

// collect returns what the product says, by file and line. root is the tree.
func collect(root fs.FS) ([]said, error) {
	var all []said
	for _, dir := range []string{"cmd", "internal", "editors/vscode/src", "editors/neovim"} {
		err := fs.WalkDir(root, dir, func(name string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case entry.IsDir() && slices.Contains([]string{"testdata", "gen", "demo", "editor"}, entry.Name()), entry.IsDir() && strings.HasSuffix(entry.Name(), "test"):
				return fs.SkipDir
			case entry.IsDir() || strings.HasSuffix(name, "_test.go"):
				return nil
			}
			source, err := fs.ReadFile(root, name)
			if err != nil {
				return err
			}
			switch path.Ext(name) {
			case ".go":
				found, err := inGo(name, source)
				all = append(all, found...)
				return err
			case ".ts", ".lua":
				all = append(all, inScript(name, string(source))...)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

// inGo returns the texts of a Go file. Parts that are put together by + are one.
func inGo(name string, source []byte) ([]said, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, source, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var found []said
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.Field: // a tag is no text
			return n.Tag == nil
		case *ast.CallExpr:
			return !isForLog(n)
		case *ast.BasicLit, *ast.BinaryExpr:
			text, ok := joined(n.(ast.Expr))
			if ok && isSaid(text) {
				found = append(found, said{name, fset.Position(n.Pos()).Line, text})
			}
			return !ok
		}
		return true
	})
	return found, nil
}

// joined returns the text of a string, or of several with something in between. It
// reports whether n is one.
func joined(n ast.Expr) (text string, ok bool) {
	switch n := n.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(n.Value)
		return text, n.Kind == token.STRING && err == nil
	case *ast.BinaryExpr:
		if n.Op != token.ADD {
			return "", false
		}
		left, one := joined(n.X)
		right, other := joined(n.Y)
		if !one {
			left = "…"
		}
		if !other {
			right = "…"
		}
		return left + right, one || other
	}
	return "", false
}

// isForLog reports whether a call writes an entry of the log, or ends the process.
func isForLog(call *ast.CallExpr) bool {
	switch f := call.Fun.(type) {
	case *ast.SelectorExpr:
		x, ok := f.X.(*ast.SelectorExpr)
		logs := ok && (x.Sel.Name == "log" || x.Sel.Name == "Log")
		if id, ok := f.X.(*ast.Ident); ok {
			logs = id.Name == "log" || id.Name == "logger" || id.Name == "zap" || id.Name == "regexp"
		}
		return logs
	case *ast.Ident:
		return f.Name == "panic"
	}
	return false
}

// inScript returns the texts of a file in TypeScript or Lua, by their quotes.
func inScript(name, source string) []said {
	var found []said
	for i, line := range strings.Split(source, "\n") {
		trimmed := strings.TrimSpace(line)
		if strings.HasPrefix(trimmed, "//") || strings.HasPrefix(trimmed, "*") || strings.HasPrefix(trimmed, "/*") || strings.HasPrefix(trimmed, "--") || strings.HasPrefix(trimmed, "import ") {
			continue
		}
		for _, m := range regexp.MustCompile("'((?:[^'\\\\]|\\\\.)*)'|`((?:[^`\\\\]|\\\\.)*)`|\"((?:[^\"\\\\]|\\\\.)*)\"").FindAllStringSubmatch(line, -1) {
			if text := m[1] + m[2] + m[3]; isSaid(text) {
				found = append(found, said{name, i + 1, text})
			}
		}
	}
	return found
}

// isSaid reports whether a text has three words that follow each other.
func isSaid(text string) bool {
	return regexp.MustCompile(`\b[A-Za-z][a-z']*,? [a-z']+,? (%|[a-z#])`).MatchString(text)
}

// isWhole reports whether a text is a sentence of its own: it begins and ends as one.
func isWhole(text string) bool {
	return regexp.MustCompile(`(?s)^[A-Z][a-z]*\b.*[a-z)].*[.?]$`).MatchString(text) && isSaid(text)
}
