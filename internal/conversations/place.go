package conversations

import (
	"net/url"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// About returns a function that reports whether one of the documents is one of places, or
// below one of them that is a directory. All are given by URI, however escaped; a file
// matches by its path as it is named and by the one that links lead to.
func About(places ...string) func(documents []string) bool {
	var wanted []string
	for _, place := range places {
		wanted = append(wanted, spellings(place)...)
	}
	return func(documents []string) bool {
		return slices.ContainsFunc(documents, func(document string) bool {
			for _, have := range spellings(document) {
				for _, want := range wanted {
					if have == want || strings.HasPrefix(have, strings.TrimSuffix(want, "/")+"/") {
						return true
					}
				}
			}
			return false
		})
	}
}

// spellings returns the paths under which a document of this machine is found, or
// the URI of another one, unescaped. Cells of a notebook are in its file.
func spellings(document string) []string {
	u, err := url.Parse(document)
	if err != nil || !strings.HasPrefix(u.Path, "/") || u.Host != "" && !strings.EqualFold(u.Host, "localhost") { // RFC 8089, section 2
		if plain, err := url.PathUnescape(document); err == nil {
			document = plain
		}
		return []string{document}
	}
	named := path.Clean(u.Path)
	name := named
	if runtime.GOOS == "windows" {
		name = strings.TrimPrefix(name, "/") // of a drive
	}
	list := []string{named, "/" + strings.TrimPrefix(filepath.ToSlash(followed(filepath.FromSlash(name))), "/")}
	if runtime.GOOS == "windows" {
		for i, s := range list {
			list[i] = strings.ToLower(s)
		}
	}
	return slices.Compact(list)
}

// followed resolves the links in the part of a path that exists.
func followed(name string) string {
	if target, err := filepath.EvalSymlinks(name); err == nil {
		return target
	}
	dir := filepath.Dir(name)
	if dir == name || dir == "." {
		return name
	}
	return filepath.Join(followed(dir), filepath.Base(name))
}
