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
	case "bash", "sh", "zsh":
		return "shellscript"
	case "bat", "cmd":
		return "bat"
	case "cc", "cxx", "h", "hh", "hpp", "hxx":
		return "cpp"
	case "cjs", "js", "mjs":
		return "javascript"
	case "clj", "cljs", "cljc":
		return "clojure"
	case "cs":
		return "csharp"
	case "cts", "mts", "ts":
		return "typescript"
	case "erl":
		return "erlang"
	case "ex", "exs":
		return "elixir"
	case "f90", "f95":
		return "fortran"
	case "fs", "fsx":
		return "fsharp"
	case "hs":
		return "haskell"
	case "htm":
		return "html"
	case "jl":
		return "julia"
	case "jsx":
		return "javascriptreact"
	case "kt", "kts":
		return "kotlin"
	case "m":
		return "objective-c"
	case "md":
		return "markdown"
	case "ml", "mli":
		return "ocaml"
	case "patch":
		return "diff"
	case "pl", "pm":
		return "perl"
	case "ps1", "psm1":
		return "powershell"
	case "py", "pyi":
		return "python"
	case "rb":
		return "ruby"
	case "rs":
		return "rust"
	case "tex":
		return "latex"
	case "tf":
		return "terraform"
	case "tsx":
		return "typescriptreact"
	case "yaml", "yml":
		return "yaml"
	}
	return ""
}
