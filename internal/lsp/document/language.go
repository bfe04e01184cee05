package document

import (
	"path"
	"strings"

	"go.lsp.dev/uri"
)

func languageOf(u uri.URI) string { return LanguageID(u.Path()) }

// LanguageID guesses the language of a file from its name, for the label of a
// Markdown fence; "" if it cannot tell. An open document has the editor's word.
func LanguageID(file string) string {
	name := strings.ToLower(path.Base(file))
	switch name {
	case "dockerfile", "containerfile":
		return "dockerfile"
	case "makefile", "gnumakefile":
		return "makefile"
	case "cmakelists.txt":
		return "cmake"
	case "go.mod":
		return "go.mod"
	}
	return byExtension(strings.TrimPrefix(path.Ext(name), "."))
}

func byExtension(ext string) string {
	switch ext {
	case "c", "cpp", "css", "dart", "diff", "go", "html", "java", "json", "jsonc", "less", "lua", "nix", "php",
		"proto", "r", "sass", "scala", "scss", "sql", "svelte", "swift", "toml", "vue", "xml", "zig":
		return ext
	}
	return map[string]string{
		"bat": "bat", "cmd": "bat", "clj": "clojure", "cljc": "clojure", "cljs": "clojure", "cc": "cpp",
		"cxx": "cpp", "h": "cpp", "hh": "cpp", "hpp": "cpp", "hxx": "cpp", "cs": "csharp", "patch": "diff",
		"ex": "elixir", "exs": "elixir", "erl": "erlang", "f90": "fortran", "f95": "fortran", "fs": "fsharp",
		"fsx": "fsharp", "hs": "haskell", "htm": "html", "cjs": "javascript", "js": "javascript",
		"mjs": "javascript", "jsx": "javascriptreact", "jl": "julia", "kt": "kotlin", "kts": "kotlin",
		"tex": "latex", "md": "markdown", "m": "objective-c", "ml": "ocaml", "mli": "ocaml", "pl": "perl",
		"pm": "perl", "ps1": "powershell", "psm1": "powershell", "py": "python", "pyi": "python", "rb": "ruby",
		"rs": "rust", "bash": "shellscript", "sh": "shellscript", "zsh": "shellscript", "tf": "terraform",
		"cts": "typescript", "mts": "typescript", "ts": "typescript", "tsx": "typescriptreact", "yaml": "yaml",
		"yml": "yaml",
	}[ext]
}
