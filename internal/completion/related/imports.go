package related

import (
	"strings"
)

// bind records a name that an import brings into scope.
func (f *File) bind(b binding) {
	const most = 2000
	if b.name != "" && len(f.imports) < most {
		f.imports = append(f.imports, b)
	}
}

// glob records that all names of module are in scope.
func (f *File) glob(module string) {
	const most = 200
	if len(f.globs) < most {
		f.globs = append(f.globs, module)
	}
}

// topLines calls yield for each line at the left margin until it returns the
// line to go on after; imports hardly ever stand elsewhere.
func (f *File) topLines(yield func(i int, code string) int) {
	for i := 0; i < len(f.starts); i++ {
		if f.indent[i] == 0 || f.lang.name == "py" && f.indent[i] > 0 {
			i = yield(i, strings.TrimSpace(string(f.code(i))))
		}
	}
}

// inQuotes returns the first string on line i, "" if there is none.
func (f *File) inQuotes(i int) string {
	line := f.lineText(i)
	from := strings.IndexAny(line, "\"'`")
	if from < 0 {
		return ""
	}
	text, _, ok := strings.Cut(line[from+1:], line[from:from+1])
	if !ok {
		return ""
	}
	return text
}

func goImports(f *File) {
	group := false
	for i := range f.starts {
		code := strings.TrimSpace(string(f.code(i)))
		switch {
		case f.indent[i] < 0:
			continue
		case strings.HasPrefix(code, "package "):
			f.pkg = strings.TrimSpace(code[len("package "):])
		case code == "import (":
			group = true
		case group && strings.HasPrefix(code, ")"):
			group = false
		case group, strings.HasPrefix(code, "import "):
			module := f.inQuotes(i)
			name := strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(strings.TrimPrefix(code, "import ")), `"`))
			if strings.HasPrefix(code, `"`) || name == "" {
				name = goName(module)
			}
			if name == "." {
				f.glob(module)
			} else if name != "_" {
				f.bind(binding{name: name, module: module, line: int32(i), end: int32(i), from: int32(i)})
			}
		default:
			if f.indent[i] == 0 && !strings.HasPrefix(code, "package") {
				return // declarations begin
			}
		}
	}
}

// goName guesses the name of the package at an import path.
func goName(module string) string {
	parts := strings.Split(module, "/")
	last := parts[len(parts)-1]
	if len(parts) > 1 && len(last) > 1 && last[0] == 'v' && strings.Trim(last[1:], "0123456789") == "" {
		last = parts[len(parts)-2]
	}
	last, _, _ = strings.Cut(last, ".")
	last = strings.TrimPrefix(last, "go-")
	if i := strings.LastIndexByte(last, '-'); i >= 0 {
		last = last[i+1:]
	}
	return last
}

// tsImports reads import and export … from, and require.
func tsImports(f *File) {
	f.topLines(func(i int, code string) int {
		isImport := strings.HasPrefix(code, "import")
		isExport := strings.HasPrefix(code, "export {") || strings.HasPrefix(code, "export *") || strings.HasPrefix(code, "export type {")
		isRequire := strings.HasPrefix(code, "const ") && strings.Contains(code, "require(")
		if !isImport && !isExport && !isRequire {
			return i
		}
		end := i
		depth := 0
		for ; end < len(f.starts) && end < i+100; end++ {
			line := string(f.code(end))
			if depth += strings.Count(line, "{") - strings.Count(line, "}"); depth <= 0 {
				break
			}
		}
		end = min(end, len(f.starts)-1)
		module := f.inQuotes(end)
		if module == "" && !strings.HasPrefix(code, "export {") {
			return i
		}
		if strings.HasPrefix(code, "export *") && !strings.Contains(code, " as ") {
			f.glob(module)
			return end
		}
		f.tsNames(i, end, module)
		return end
	})
}

func (f *File) tsNames(from, end int, module string) {
	braces := false
	for i := from; i <= end; i++ {
		t := f.tokens(i, nil)
		for x := 0; x < len(t); x++ {
			b := binding{module: module, line: int32(i), from: int32(from), end: int32(end)}
			switch {
			case t[x].text == "{":
				braces = true
			case t[x].text == "}":
				braces = false
			case !braces && (t[x].text == "from" || t[x].text == "require"):
				return
			case t[x].text == "*" && x+2 < len(t) && t[x+1].text == "as":
				b.name, x = t[x+2].text, x+2
				f.bind(b)
			case t[x].text == "import", t[x].text == "export", t[x].text == "const", t[x].text == "type" && (x+1 < len(t) && t[x+1].name && t[x+1].text != "as" || x+1 < len(t) && t[x+1].text == "{"):
			case t[x].name && braces:
				b.name, b.member = t[x].text, t[x].text
				if x+2 < len(t) && (t[x+1].text == "as" || t[x+1].text == ":") {
					b.name, x = t[x+2].text, x+2
				}
				if b.module != "" || b.name != b.member {
					f.bind(b)
				}
			case t[x].name && module != "":
				b.name, b.member = t[x].text, "default"
				if x+1 < len(t) && t[x+1].text == "=" {
					b.member = ""
				}
				f.bind(b)
			}
		}
	}
}

func pythonImports(f *File) {
	f.topLines(func(i int, code string) int {
		switch {
		case strings.HasPrefix(code, "import "):
			for _, part := range strings.Split(code[len("import "):], ",") {
				module, name, as := strings.Cut(strings.TrimSpace(part), " as ")
				module = strings.TrimSpace(module)
				if !as {
					name = module
					if first, _, dotted := strings.Cut(module, "."); dotted { // import a.b binds a, and a.b is in sight
						f.bind(binding{name: first, module: first, line: int32(i), from: int32(i), end: int32(i)})
					}
				}
				f.bind(binding{name: strings.TrimSpace(name), module: module, line: int32(i), from: int32(i), end: int32(i)})
			}
		case strings.HasPrefix(code, "from "):
			module, names, ok := strings.Cut(code[len("from "):], " import")
			if !ok {
				return i
			}
			return f.pythonFrom(i, strings.TrimSpace(module), names)
		}
		return i
	})
}

// pythonFrom reads the names of from module import names, the first of which
// stand on line i.
func (f *File) pythonFrom(i int, module, names string) int {
	end, bound := i, len(f.imports)
	inside := strings.Contains(names, "(")
	for line := i; line < len(f.starts) && line < i+300; line++ {
		if line > i {
			names = string(f.code(line))
		}
		end = line
		for _, part := range strings.Split(strings.Trim(strings.TrimSpace(names), "()\\ "), ",") {
			member, name, as := strings.Cut(strings.TrimSpace(part), " as ")
			member = strings.TrimSpace(member)
			if !as {
				name = member
			}
			if member == "*" {
				f.glob(module)
				continue
			}
			f.bind(binding{name: strings.TrimSpace(name), module: module, member: member, line: int32(line), from: int32(i)})
		}
		if inside && strings.Contains(names, ")") || !inside && !strings.HasSuffix(strings.TrimSpace(names), "\\") {
			break
		}
	}
	for x := bound; x < len(f.imports); x++ {
		f.imports[x].end = int32(end)
	}
	return end
}

// rustImports reads use declarations, with their trees of names.
func rustImports(f *File) {
	f.topLines(func(i int, code string) int {
		for _, before := range []string{"pub(crate) ", "pub(super) ", "pub "} {
			code = strings.TrimPrefix(code, before)
		}
		if name, ok := strings.CutPrefix(code, "mod "); ok && strings.HasSuffix(code, ";") {
			name = strings.TrimSuffix(name, ";")
			f.bind(binding{name: name, module: "self::" + name, line: int32(i), from: int32(i), end: int32(i)})
			return i
		}
		if !strings.HasPrefix(code, "use ") {
			return i
		}
		end := i
		for end < len(f.starts)-1 && end < i+100 && !strings.Contains(string(f.code(end)), ";") {
			end++
		}
		var stack []string
		prefix, last := "", ""
		note := func(line int) {
			switch {
			case last == "*":
				f.glob(prefix)
			case last == "self":
				f.bind(binding{name: prefix[strings.LastIndexByte(prefix, ':')+1:], module: prefix, line: int32(line), from: int32(i), end: int32(end)})
			case last != "":
				f.bind(binding{name: last, module: prefix, member: last, line: int32(line), from: int32(i), end: int32(end)})
			}
			last = ""
		}
		for line := i; line <= end; line++ {
			t := f.tokens(line, nil)
			for x := 0; x < len(t); x++ {
				switch {
				case line == i && (t[x].text == "use" || t[x].text == "pub"):
				case t[x].text == ":" && x+1 < len(t) && t[x+1].text == ":":
					prefix, last, x = join(prefix, last), "", x+1
				case t[x].text == "{":
					stack = append(stack, prefix)
				case t[x].text == "," || t[x].text == "}" || t[x].text == ";":
					note(line)
					if len(stack) > 0 {
						prefix = stack[len(stack)-1]
						if t[x].text == "}" {
							stack = stack[:len(stack)-1]
						}
					}
				case t[x].text == "as" && x+1 < len(t):
					f.bind(binding{name: t[x+1].text, module: prefix, member: last, line: int32(line), from: int32(i), end: int32(end)})
					last, x = "", x+1
				case t[x].name || t[x].text == "*":
					last = t[x].text
				}
			}
		}
		return end
	})
}

func join(prefix, name string) string {
	if prefix == "" || name == "" {
		return prefix + name
	}
	return prefix + "::" + name
}

func cImports(f *File) {
	for i := range f.starts {
		line := strings.TrimSpace(f.lineText(i))
		if !strings.HasPrefix(line, "#") {
			continue
		}
		if rest, ok := strings.CutPrefix(strings.TrimSpace(line[1:]), "include"); ok {
			if file := strings.Trim(strings.TrimSpace(rest), "\"<>"); file != "" {
				f.glob(file)
			}
		}
	}
}

// dottedImports reads import a.b.C and use a\b\C, as Java and its kin have them.
func dottedImports(f *File) {
	f.topLines(func(i int, code string) int {
		for _, word := range []string{"import ", "using ", "use "} {
			rest, ok := strings.CutPrefix(code, word)
			if !ok {
				continue
			}
			rest = strings.TrimPrefix(strings.TrimSuffix(strings.TrimSpace(rest), ";"), "static ")
			rest, name, as := strings.Cut(rest, " as ")
			rest = strings.ReplaceAll(strings.TrimSpace(rest), `\`, ".")
			if alias, of, ok := strings.Cut(rest, " = "); ok { // using A = B.C
				rest, name, as = of, alias, true
			}
			last := rest[strings.LastIndexByte(rest, '.')+1:]
			if !as {
				name = last
			}
			f.bind(binding{name: strings.TrimSpace(name), module: rest, member: last, line: int32(i), from: int32(i), end: int32(i)})
		}
		return i
	})
}

func haskellImports(f *File) {
	f.topLines(func(i int, code string) int {
		if rest, ok := strings.CutPrefix(code, "import "); ok {
			t := f.tokens(i, nil)
			module, name := "", ""
			for x := 1; x < len(t); x++ {
				switch {
				case t[x].text == "qualified" || t[x].text == ".":
				case t[x].text == "as" && x+1 < len(t):
					name = t[x+1].text
				case t[x].text == "(":
					x = len(t)
				case t[x].name && name == "":
					module += "." + t[x].text
				}
			}
			module = strings.TrimPrefix(module, ".")
			if name != "" {
				f.bind(binding{name: name, module: module, line: int32(i), from: int32(i), end: int32(i)})
			}
			if !strings.Contains(rest, "qualified") {
				f.glob(module)
			}
		}
		return i
	})
}

// requireImports reads require, source, import and the like, with a name in
// front of it or without.
func requireImports(f *File) {
	for i := range f.starts {
		if f.indent[i] < 0 || f.indent[i] > 4 {
			continue
		}
		code := strings.TrimSpace(string(f.code(i)))
		at, word := -1, ""
		for _, word = range []string{"require_relative", "require", "@import", "source ", ". ", "load"} {
			if at = strings.Index(code, word); at == 0 || at > 0 && !f.lang.inName(code[at-1]) {
				break
			}
			at = -1
		}
		if at < 0 || word == ". " && at > 0 {
			continue
		}
		module := f.inQuotes(i)
		if f.lang.lisp || module == "" {
			module = strings.Trim(strings.TrimSpace(code[at+len(word):]), "'()\"; ")
			module, _, _ = strings.Cut(module, " ")
		}
		if module == "" {
			continue
		}
		if word == "require_relative" {
			module = "./" + module
		}
		name := ""
		for _, t := range f.tokens(i, nil) {
			if t.text == "=" {
				break
			}
			if t.name {
				name = t.text
			}
		}
		if at > 0 && name != "" {
			f.bind(binding{name: name, module: module, line: int32(i), from: int32(i), end: int32(i)})
		} else {
			f.glob(module)
		}
	}
}
