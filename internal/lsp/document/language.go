package document

import (
	"path"
	"regexp"
	"strings"

	"go.lsp.dev/uri"
)

func languageOf(u uri.URI) string { return LanguageID(u.Path(), "") }

// LanguageID guesses the language of a file from its name and, where that leaves
// a choice, from how its text begins, for the label of a Markdown fence; "" if it
// is unknown. For an open document the editor's languageId is used instead.
func LanguageID(file, text string) string {
	const looked = 16 << 10
	text = text[:min(len(text), looked)]
	name := strings.ToLower(path.Base(file))
	if id := byName(name); id != "" {
		return id
	}
	ext := strings.TrimPrefix(path.Ext(name), ".")
	for _, c := range contested(ext) {
		if regexp.MustCompile(`(?m)` + c.sign).MatchString(text) {
			return c.language
		}
	}
	if id := byExtension(ext); id != "" {
		return id
	}
	return byText(text)
}

func byName(name string) string {
	if strings.HasPrefix(name, "dockerfile.") || strings.HasPrefix(name, "containerfile.") {
		return "dockerfile"
	}
	return map[string]string{
		"dockerfile": "dockerfile", "containerfile": "dockerfile", "makefile": "makefile", "gnumakefile": "makefile",
		"cmakelists.txt": "cmake", "go.mod": "go.mod", "go.sum": "go.sum", "rakefile": "ruby", "gemfile": "ruby", "vagrantfile": "ruby",
		"podfile": "ruby", "fastfile": "ruby", "brewfile": "ruby", "guardfile": "ruby", "jenkinsfile": "groovy", "justfile": "just",
		"pipfile": "toml", "cargo.lock": "toml", "sconstruct": "python", "sconscript": "python", "wscript": "python",
		"build": "starlark", "build.bazel": "starlark", "workspace": "starlark", "meson.build": "meson", "pkgbuild": "shellscript",
		".bashrc": "shellscript", ".bash_profile": "shellscript", ".profile": "shellscript", ".zshrc": "shellscript", ".vimrc": "vim",
		".emacs": "emacs-lisp", ".gitconfig": "ini", ".editorconfig": "ini", ".gitignore": "ignore", ".dockerignore": "ignore",
	}[name]
}

// A choice is a language, and a text that suggests it.
type choice struct{ language, sign string }

// contested returns what decides about an extension that several languages have.
func contested(ext string) []choice {
	switch ext {
	case "h":
		return []choice{
			{"objective-c", `^\s*(?:@(?:interface|protocol|class|import)\b|#import\b)`},
			{"cpp", `^\s*(?:class\s+\w+|template\s*<|namespace\b|using\s+\w|(?:public|private|protected)\s*:)|\bstd::|^\s*#\s*include\s*<\w+>|\b(?:constexpr|noexcept|virtual|nullptr)\b`},
		}
	case "m":
		return []choice{{"matlab", `^\s*(?:%|function\b|end\s*$|\w+\s*=\s*(?:zeros|ones|linspace|\[))`}, {"objective-c", `^\s*(?:@\w+|#import|#include)`}}
	case "pl":
		return []choice{{"perl", `^#!.*perl|^\s*(?:use\s+[\w:]+.*;|my\s+[$@%(]|sub\s+\w+|package\s+\w)`}, {"prolog", `^\s*:-|^[a-z]\w*\(.*\)\s*(?::-|\.\s*$)`}}
	case "fs":
		return []choice{{"glsl", `^\s*(?:#version\b|void\s+main\s*\(|precision\s+\w+p\s|(?:uniform|varying|in|out)\s+\w+\s+\w+;)|gl_Frag`}}
	case "v":
		return []choice{{"verilog", `^\s*(?:module\s+\w+\s*[(;#]|endmodule|always\s*@|` + "`" + `timescale)`}, {"coq", `^\s*(?:Require|Theorem|Lemma|Definition|Inductive|Fixpoint|Proof)\b`}}
	case "ts":
		return []choice{{"xml", `^<\?xml|^<!DOCTYPE TS>|^<TS\b`}}
	case "cls":
		return []choice{{"latex", `^\s*\\\w+`}, {"apex", `\b(?:public|private|global)\b.*\bclass\b`}}
	}
	return nil
}

func byExtension(ext string) string {
	switch ext {
	case "ada", "awk", "bicep", "c", "cmake", "cpp", "css", "csv", "cue", "d", "dart", "diff", "dockerfile", "fish", "glsl", "go", "graphql", "groovy", "haml",
		"hlsl", "html", "ini", "java", "json", "json5", "jsonc", "just", "less", "lua", "nim", "nix", "odin", "org", "php", "proto", "qml", "r", "sass", "scala",
		"scss", "sql", "svelte", "swift", "tcl", "toml", "v", "vala", "vb", "vhdl", "vim", "vue", "wgsl", "xml", "zig":
		return ext
	}
	return map[string]string{
		"adb": "ada", "ads": "ada", "asm": "asm", "s": "asm", "bash": "shellscript", "bat": "bat", "bazel": "starlark", "bzl": "starlark",
		"cc": "cpp", "cjs": "javascript", "cl": "lisp", "clj": "clojure", "cljc": "clojure", "cljs": "clojure", "cmd": "bat", "coffee": "coffeescript",
		"cr": "crystal", "cs": "csharp", "csproj": "xml", "csx": "csharp", "cts": "typescript", "cu": "cuda-cpp", "cuh": "cuda-cpp", "cxx": "cpp",
		"edn": "clojure", "eex": "elixir", "el": "emacs-lisp", "elm": "elm", "erb": "erb", "erl": "erlang", "ex": "elixir", "exs": "elixir",
		"f": "fortran", "f03": "fortran", "f08": "fortran", "f90": "fortran", "f95": "fortran", "for": "fortran", "frag": "glsl", "fs": "fsharp",
		"fsi": "fsharp", "fsx": "fsharp", "gd": "gdscript", "gemspec": "ruby", "gleam": "gleam", "gql": "graphql", "gradle": "groovy", "h": "c",
		"hbs": "handlebars", "hcl": "hcl", "heex": "elixir", "hh": "cpp", "hpp": "cpp", "hrl": "erlang", "hs": "haskell", "htm": "html", "hxx": "cpp",
		"inl": "cpp", "ino": "cpp", "ipynb": "json", "jl": "julia", "js": "javascript", "jsonnet": "jsonnet", "jsx": "javascriptreact", "kt": "kotlin",
		"kts": "kotlin", "lean": "lean", "lhs": "haskell", "lisp": "lisp", "lsp": "lisp", "m": "objective-c", "markdown": "markdown", "mjs": "javascript",
		"md": "markdown", "mdx": "mdx", "mk": "makefile", "ml": "ocaml", "mli": "ocaml", "mm": "objective-cpp", "mts": "typescript", "nims": "nim",
		"pas": "pascal", "patch": "diff", "pl": "perl", "pm": "perl", "pp": "puppet", "pro": "prolog", "properties": "properties", "ps1": "powershell",
		"psd1": "powershell", "psm1": "powershell", "pug": "pug", "py": "python", "pyi": "python", "pyw": "python", "pyx": "cython", "rake": "ruby",
		"rb": "ruby", "re": "reason", "rkt": "racket", "rs": "rust", "rst": "restructuredtext", "sbt": "scala", "sc": "scala", "scm": "scheme",
		"sh": "shellscript", "sml": "sml", "sol": "solidity", "ss": "scheme", "star": "starlark", "sv": "systemverilog", "svg": "xml",
		"svh": "systemverilog", "t": "perl", "tex": "latex", "sty": "latex", "tf": "terraform", "tfvars": "terraform", "ts": "typescript",
		"tsx": "typescriptreact", "typ": "typst", "vert": "glsl", "vhd": "vhdl", "xaml": "xml", "xsd": "xml", "xsl": "xml", "yaml": "yaml",
		"yml": "yaml", "zsh": "shellscript",
	}[ext]
}

// byText returns the language of a text without a name: a diff, or a script whose
// first line says what runs it.
func byText(text string) string {
	first, rest, _ := strings.Cut(text, "\n")
	switch {
	case strings.HasPrefix(text, "diff --git "), strings.HasPrefix(text, "--- ") && strings.HasPrefix(rest, "+++ "),
		strings.HasPrefix(text, "Index: "), strings.HasPrefix(text, "commit ") && strings.Contains(text, "\ndiff --git "):
		return "diff"
	case strings.HasPrefix(text, "<?xml"):
		return "xml"
	case !strings.HasPrefix(first, "#!"):
		return ""
	}
	for _, word := range strings.Fields(first[2:]) {
		word = strings.TrimRight(path.Base(word), "0123456789.")
		switch word {
		case "sh", "bash", "zsh", "dash", "ksh":
			return "shellscript"
		case "python", "pypy":
			return "python"
		case "node", "bun":
			return "javascript"
		case "deno", "ts-node", "tsx":
			return "typescript"
		case "perl", "ruby", "lua", "php", "fish", "awk", "groovy":
			return word
		case "make":
			return "makefile"
		case "gawk":
			return "awk"
		case "tclsh", "wish":
			return "tcl"
		case "Rscript":
			return "r"
		case "pwsh":
			return "powershell"
		}
	}
	return ""
}
