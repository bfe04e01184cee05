package related

import (
	"path"
	"strings"
	"sync"
)

// A kind says what a definition defines.
type kind uint8

const (
	value    kind = iota // a variable, constant or field
	function             // also a method or macro
	kindType             // also a class, trait, module: it has members
)

// A sight is how the names of other files come into scope in a language.
type sight uint8

const (
	byImport    sight = iota // only what is imported
	byDirectory              // the files of a directory are one scope
)

// A language describes how a programming language is cut into code, comments and strings,
// and how its definitions and imports look. It is no grammar: if a file is misread, a
// piece is missing or costs a few tokens for nothing.
type language struct {
	name    string
	line    []string    // what begins a comment that ends with its line
	block   [][2]string // what begins and ends a longer one
	quotes  []quote     // the longest first
	words   string      // what may stand in a name beside letters, digits and _
	nested  bool        // block comments nest
	lifts   bool        // ' may also begin a name, as of a lifetime or a type variable
	regexps bool        // /…/ is a literal where a value may begin
	shell   bool        // # begins a comment only behind a space

	defines   map[string]kind // the words that definitions begin with
	modifiers map[string]bool // the words that may stand in front of these
	typeFirst bool            // int f(…): the name follows a type
	assigns   string          // what follows a name that is defined without a word: "=", ":", "::"
	sight     sight
	this      bool // members are used without a qualifier
	lisp      bool
	imports   func(*File)
	leads     func(*finder, *File, string) []string // to the files that an import names
}

// A quote is a kind of string.
type quote struct {
	open, end string
	lines     bool   // it may hold line ends
	raw       bool   // \ is nothing special in it
	hole      string // what begins code within it; its bracket ends it
}

func languageOf(file string) *language {
	base := strings.ToLower(path.Base(file))
	ext := strings.TrimPrefix(path.Ext(base), ".")
	all := languages()
	if l := all[ext]; l != nil {
		return l
	}
	switch {
	case strings.HasSuffix(base, "rc"), strings.Contains(base, "profile"):
		return all["sh"]
	case base == "makefile", base == "gnumakefile", base == "dockerfile":
		return all["mk"]
	case base == "rakefile", base == "gemfile":
		return all["rb"]
	}
	return all[""]
}

// languageByID returns the language with an identifier of LSP, such as
// "typescriptreact", or nil.
func languageByID(id string) *language {
	all := languages()
	switch id {
	case "golang":
		id = "go"
	case "typescriptreact", "typescript":
		id = "ts"
	case "javascriptreact", "javascript":
		id = "js"
	case "python":
		id = "py"
	case "rust":
		id = "rs"
	case "ruby":
		id = "rb"
	case "csharp":
		id = "cs"
	case "kotlin":
		id = "kt"
	case "haskell":
		id = "hs"
	case "shellscript", "bash":
		id = "sh"
	case "emacs-lisp", "lisp":
		id = "el"
	case "objective-c", "objective-cpp":
		id = "m"
	case "":
		return nil
	}
	return all[id]
}

func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

// kinds reads lists of words, the functions, the types and the values.
func kinds(functions, types, values string) map[string]kind {
	m := map[string]kind{}
	for k, words := range []string{values, functions, types} {
		for _, w := range strings.Fields(words) {
			m[w] = kind(k)
		}
	}
	return m
}

// reserved are words that are keywords or built-in types in one language or
// another and hardly ever a name in the rest.
var reserved = sync.OnceValue(func() map[string]bool {
	return set(`abstract and as assert async await auto bool boolean break byte case catch char chan class const constexpr
 continue debugger declare def default defer del delete do double elif else elseif elsif end enum except export extends
 extern fallthrough false False final finally float fn for foreach func function global go goto if impl implements import
 in instanceof int interface is keyof lambda let local long loop module move mut namespace new nil None nonlocal
 not null or override package pass private protected pub public raise readonly register require return select self Self
 short signed sizeof static string struct super switch template then this throw throws trait true True try type typedef
 typename typeof union undefined unsafe unsigned use using var virtual void volatile when where while with yield never
 int8 int16 int32 int64 uint uint8 uint16 uint32 uint64 uintptr float32 float64 rune error len cap append make panic
 size_t i8 i16 i32 i64 u8 u16 u32 u64 usize isize f32 f64 str any unknown number object bigint symbol setq progn cond unless
 defun defvar fi done esac elsif begin rescue ensure range iota val fun nullptr`)
})

var languages = sync.OnceValue(func() map[string]*language {
	double := quote{open: `"`, end: `"`}
	single := quote{open: "'", end: "'"}
	c := [][2]string{{"/*", "*/"}}
	slashes := []string{"//"}
	all := map[string]*language{}
	add := func(l *language, extensions string) {
		for _, e := range strings.Fields(extensions) {
			all[e] = l
		}
	}
	add(&language{
		name: "go", line: slashes, block: c,
		quotes:  []quote{double, single, {open: "`", end: "`", lines: true, raw: true}},
		defines: kinds("func", "type", "var const"), sight: byDirectory, imports: goImports, leads: goLeads,
	}, "go")
	add(&language{
		name: "ts", line: slashes, block: c, regexps: true, words: "$",
		quotes:    []quote{double, single, {open: "`", end: "`", lines: true, hole: "${"}},
		defines:   kinds("function", "class interface enum namespace module type", "const let var"),
		modifiers: set("export default declare abstract public private protected static readonly async override get set accessor"),
		imports:   tsImports, leads: tsLeads,
	}, "ts tsx mts cts js jsx mjs cjs vue svelte")
	triple := []quote{{open: `"""`, end: `"""`, lines: true}, {open: "'''", end: "'''", lines: true}, double, single}
	add(&language{
		name: "py", line: []string{"#"}, quotes: triple, defines: kinds("def", "class", ""), modifiers: set("async"),
		assigns: "= :", imports: pythonImports, leads: pythonLeads,
	}, "py pyi pyx")
	add(&language{
		name: "rs", line: slashes, block: c, nested: true, lifts: true,
		quotes:    []quote{{open: `r##"`, end: `"##`, lines: true, raw: true}, {open: `r#"`, end: `"#`, lines: true, raw: true}, {open: `r"`, end: `"`, lines: true, raw: true}, {open: `"`, end: `"`, lines: true}, single},
		defines:   kinds("fn macro_rules", "struct enum trait union mod impl type", "const static"),
		modifiers: set("pub async unsafe extern default crate in super"),
		imports:   rustImports, leads: rustLeads,
	}, "rs")
	cTypes := "class struct enum union namespace interface record"
	add(&language{
		name: "c", line: slashes, block: c, quotes: []quote{double, single}, typeFirst: true,
		defines:   kinds("", cTypes, "typedef define"),
		modifiers: set("static inline extern const volatile unsigned signed virtual explicit constexpr friend export public private protected template typename"),
		sight:     byImport, this: true, imports: cImports, leads: cLeads,
	}, "c h cc cpp cxx hpp hh hxx cu ino m mm glsl")
	add(&language{
		name: "java", line: slashes, block: c, typeFirst: true, this: true,
		quotes:    []quote{{open: `"""`, end: `"""`, lines: true}, double, single},
		defines:   kinds("", cTypes+" @interface", ""),
		modifiers: set("public private protected static final abstract synchronized native transient volatile default strictfp sealed internal override virtual readonly async partial extern unsafe new ref out required const"),
		sight:     byDirectory, imports: dottedImports, leads: dottedLeads,
	}, "java cs dart groovy scala")
	add(&language{
		name: "kt", line: slashes, block: c, nested: true, this: true,
		quotes:    []quote{{open: `"""`, end: `"""`, lines: true, raw: true}, {open: `"`, end: `"`, hole: "${"}, single},
		defines:   kinds("fun init func subscript", "class interface object enum struct protocol extension actor typealias", "val var let case"),
		modifiers: set("public private protected internal open final abstract sealed data inline override suspend lateinit const companion operator infix tailrec external annotation static mutating nonmutating fileprivate lazy weak unowned required convenience indirect async expect actual value inner vararg noinline crossinline nonisolated"),
		sight:     byDirectory, imports: dottedImports, leads: dottedLeads,
	}, "kt kts swift")
	add(&language{
		name: "rb", line: []string{"#"}, quotes: []quote{{open: `"`, end: `"`, lines: true, hole: "#{"}, single}, words: "?!",
		defines: kinds("def", "class module", "attr_accessor attr_reader attr_writer"), modifiers: set("private protected public private_class_method"),
		assigns: "=", this: true, imports: requireImports, leads: requireLeads,
	}, "rb rake gemspec cr")
	add(&language{
		name: "php", line: []string{"//", "#"}, block: c, quotes: []quote{{open: `"`, end: `"`, lines: true, hole: "{"}, {open: "'", end: "'", lines: true}},
		defines:   kinds("function fn", "class interface trait enum namespace", "const define"),
		modifiers: set("public private protected static final abstract readonly var"),
		sight:     byDirectory, imports: dottedImports, leads: dottedLeads,
	}, "php")
	add(&language{
		name: "lua", line: []string{"--"}, block: [][2]string{{"--[[", "]]"}, {"--[=[", "]=]"}},
		quotes:  []quote{{open: "[[", end: "]]", lines: true, raw: true}, double, single},
		defines: kinds("function", "", "local"), modifiers: set("local"), assigns: "=", imports: requireImports, leads: requireLeads,
	}, "lua luau")
	lisp := &language{
		name: "el", line: []string{";"}, block: [][2]string{{"#|", "|#"}}, quotes: []quote{{open: `"`, end: `"`, lines: true}},
		words: "-*+!?<>=/:%&.~^", lisp: true, imports: requireImports, leads: requireLeads,
	}
	add(lisp, "el lisp cl scm rkt clj cljs cljc edn")
	add(&language{
		name: "zig", line: slashes, quotes: []quote{double, single}, defines: kinds("fn", "", "const var test"),
		modifiers: set("pub extern export inline comptime threadlocal noinline"), imports: requireImports, leads: requireLeads,
	}, "zig")
	add(&language{
		name: "hs", line: []string{"--"}, block: [][2]string{{"{-", "-}"}}, nested: true, lifts: true, quotes: []quote{double, single}, words: "'",
		defines: kinds("", "data newtype class instance type module", "pattern"), modifiers: set("let"), assigns: ":: =", imports: haskellImports, leads: dottedLeads,
	}, "hs elm purs")
	add(&language{
		name: "sh", line: []string{"#"}, shell: true, quotes: []quote{{open: "'", end: "'", lines: true, raw: true}},
		defines: kinds("function", "", "local declare readonly export alias"), modifiers: set("export local readonly declare"), assigns: "= ()", imports: requireImports, leads: requireLeads,
	}, "sh bash zsh ksh fish")
	add(&language{
		name: "mk", line: []string{"#"}, quotes: []quote{double}, defines: kinds("define", "", "export"), assigns: "= :=  ?= :", words: "-.",
	}, "mk make dockerfile tf hcl nix toml yaml yml ini cfg r pl pm jl ex exs nim awk cmake ps1")
	add(&language{
		name: "sql", line: []string{"--"}, block: c, quotes: []quote{single},
		defines:   kinds("function procedure trigger FUNCTION PROCEDURE TRIGGER", "table view type TABLE VIEW TYPE", "index sequence domain INDEX SEQUENCE DOMAIN"),
		modifiers: set("create or replace temporary temp unique materialized if not exists CREATE OR REPLACE TEMPORARY TEMP UNIQUE MATERIALIZED IF NOT EXISTS"),
	}, "sql")
	all[""] = &language{name: "", quotes: nil}
	return all
})
