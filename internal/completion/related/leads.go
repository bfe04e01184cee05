package related

import (
	"path"
	"strings"
)

// How imports lead to files. Each function returns the paths that a module may have, not
// all of which exist; a path that ends in a slash is a directory, and all of its files in
// that language belong to the module.

func goLeads(x *finder, f *File, module string) []string {
	if name, ok := x.goModule(path.Dir(f.Path)); ok {
		if rest, ok := strings.CutPrefix(module, name.path); ok && (rest == "" || rest[0] == '/') {
			return []string{path.Join(name.dir, rest) + "/"}
		}
		if name.path == "std" {
			return []string{path.Join(name.dir, module) + "/", path.Join(name.dir, "vendor", module) + "/"}
		}
		return []string{path.Join(name.dir, "vendor", module) + "/"}
	}
	return nil
}

// A goModule is what a go.mod says of the directory that it is in.
type goModule struct{ path, dir string }

// goModule finds the module that a directory belongs to.
func (x *finder) goModule(dir string) (goModule, bool) {
	for {
		if f := x.file(path.Join(dir, "go.mod")); f != nil {
			for line := range strings.Lines(f.text) {
				if name, ok := strings.CutPrefix(line, "module "); ok {
					return goModule{strings.Trim(strings.TrimSpace(name), `"`), dir}, true
				}
			}
			return goModule{}, false
		}
		if dir == "." || dir == "/" || dir == "" {
			return goModule{}, false
		}
		dir = path.Dir(dir)
	}
}

func tsLeads(_ *finder, f *File, module string) []string {
	if !strings.HasPrefix(module, ".") {
		return nil
	}
	p := path.Join(path.Dir(f.Path), module)
	var list []string
	ext := path.Ext(p)
	stem := strings.TrimSuffix(p, ext)
	switch ext {
	case ".js":
		list = append(list, stem+".ts", stem+".tsx")
	case ".mjs":
		list = append(list, stem+".mts")
	case ".cjs":
		list = append(list, stem+".cts")
	case ".jsx":
		list = append(list, stem+".tsx")
	}
	if ext != "" {
		list = append(list, p)
	}
	return append(list, p+".ts", p+".tsx", p+".js", p+".jsx", p+".d.ts", p+"/index.ts", p+"/index.js", p+"/index.tsx")
}

func pythonLeads(x *finder, f *File, module string) []string {
	dir := path.Dir(f.Path)
	rest := strings.TrimLeft(module, ".")
	parts := strings.ReplaceAll(rest, ".", "/")
	if level := len(module) - len(rest); level > 0 {
		for range level - 1 {
			dir = path.Dir(dir)
		}
		return pythonFiles(path.Join(dir, parts))
	}
	// The roots: where packages above the file begin, the root itself, src.
	list := pythonFiles(parts)
	for _, root := range []string{x.pythonRoot(dir), "src", dir} {
		if root != "." && root != "" {
			list = append(list, pythonFiles(path.Join(root, parts))...)
		}
	}
	return list
}

func pythonFiles(p string) []string { return []string{p + ".py", p + "/__init__.py", p + ".pyi"} }

// pythonRoot returns the directory in which the package of dir stands.
func (x *finder) pythonRoot(dir string) string {
	for dir != "." && dir != "/" && x.file(path.Join(dir, "__init__.py")) != nil {
		dir = path.Dir(dir)
	}
	return dir
}

func rustLeads(_ *finder, f *File, module string) []string {
	dir, base := path.Dir(f.Path), strings.TrimSuffix(path.Base(f.Path), ".rs")
	own := path.Join(dir, base) // where modules below this file stand
	if base == "mod" || base == "lib" || base == "main" {
		own = dir
	}
	parts := strings.Split(module, "::")
	switch parts[0] {
	case "crate":
		for own != "." && own != "/" && path.Base(own) != "src" {
			own = path.Dir(own)
		}
		parts = parts[1:]
	case "self":
		parts = parts[1:]
	case "super":
		for len(parts) > 0 && parts[0] == "super" {
			own, parts = path.Dir(own), parts[1:]
		}
	}
	var list []string
	for n := len(parts); n >= max(0, len(parts)-1); n-- { // the last may be a type
		p := path.Join(append([]string{own}, parts[:n]...)...)
		list = append(list, p+".rs", p+"/mod.rs")
		if n == 0 {
			list = append(list, p+"/lib.rs", p+"/main.rs")
		}
	}
	return list
}

func cLeads(_ *finder, f *File, module string) []string {
	list := []string{path.Join(path.Dir(f.Path), module), module, path.Join("include", module), path.Join("src", module)}
	dir := path.Dir(f.Path)
	if dir != "." {
		list = append(list, path.Join(path.Dir(dir), module), path.Join(path.Dir(dir), "include", module))
	}
	return list
}

func dottedLeads(_ *finder, f *File, module string) []string {
	p := strings.ReplaceAll(module, ".", "/")
	ext := path.Ext(f.Path)
	list := []string{p + ext, path.Join("src", p) + ext, path.Join("src/main/java", p) + ext, path.Join("lib", p) + ext}
	// The directory above, in which the first element of the package stands.
	first, _, _ := strings.Cut(p, "/")
	dir := "/" + path.Dir(f.Path) + "/"
	if at := strings.LastIndex(dir, "/"+first+"/"); at >= 0 {
		list = append(list, path.Join(strings.TrimPrefix(dir[:at], "/"), p)+ext)
	}
	return list
}

func requireLeads(_ *finder, f *File, module string) []string {
	dir, ext := path.Dir(f.Path), path.Ext(f.Path)
	p := module
	if ext == ".lua" {
		p = strings.ReplaceAll(module, ".", "/")
	}
	var list []string
	for _, root := range []string{dir, ".", "lib", "src", "lua", "lisp"} {
		q := path.Join(root, p)
		list = append(list, q+ext, q)
		if ext == ".lua" {
			list = append(list, q+"/init.lua")
		}
	}
	return list
}
