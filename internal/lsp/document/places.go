package document

import (
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"go.lsp.dev/uri"
)

// What is looked at of one URI. Real ones come near none of these limits.
const (
	maxNames      = 200
	longestURI    = 32 << 10 // bytes
	deepestSuffix = 64       // elements of a path
)

// Names returns every path, with forward slashes, under which u says that its
// text is kept: its own path, whatever its scheme, which comes first, and those
// that stand anywhere in it. Editors and their plugins write a path behind a
// slash, a colon or an exclamation mark, in the authority, in a query, in JSON,
// in base64 or hexadecimal, in another URI, encoded once more; for a file of a
// repository as it was at some commit, for a member of an archive, for a file of
// another machine. A name that begins with a slash is a file's, if not of this
// machine then of another with the same folders. It is not ok if there are too many
// to look at.
func Names(u uri.URI) (names []string, ok bool) {
	k := clean(u)
	names = []string{tidy(k.Path())}
	if len(u) > longestURI {
		return names, false
	}
	todo := []string{k.Path(), k.Authority() + k.Path(), k.Query(), k.Fragment()}
	if !k.IsFile() {
		todo = append(todo, k.Authority(), string(u))
	}
	seen := map[string]bool{}
	for len(todo) > 0 {
		text := todo[0]
		todo = todo[1:]
		if text == "" || seen[text] {
			continue
		}
		if seen[text] = true; len(seen) > maxNames {
			return names, false
		}
		if name := tidy(text); !slices.Contains(names, name) {
			names = append(names, name)
		}
		todo = append(todo, parts(text)...)
	}
	return names, true
}

// tidy returns name without what does not change where it leads.
func tidy(name string) string {
	if strings.HasPrefix(name, "/") {
		return path.Clean(filepath.ToSlash(name))
	}
	return name
}

// withScheme is a URI, or what vim calls its buffers: zipfile:/a.zip::b.
var withScheme = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]+:/*`) })

// parts returns what may be a path, or hold one, inside of text.
func parts(text string) []string {
	var list []string
	if decoded, err := url.PathUnescape(text); err == nil && decoded != text {
		list = append(list, decoded)
	}
	if strings.Contains(text, `\`) {
		list = append(list, strings.ReplaceAll(text, `\`, "/"))
	}
	if scheme := withScheme().FindString(text); scheme != "" {
		rest := text[len(scheme):]
		list = append(list, rest, "/"+rest)
		if _, below, ok := strings.Cut(rest, "/"); ok {
			list = append(list, "/"+below) // behind an authority
		}
	}
	// zipfile:///archive::member, jar:file:/archive!/member
	for _, mark := range []string{"::", "!"} {
		if archive, member, ok := strings.Cut(text, mark); ok {
			list = append(list, archive, member, archive+"/"+member)
		}
	}
	// fugitive:///repository/.git//commit/file, gitsigns:///repository/.git/commit:file
	if repository, rest, ok := strings.Cut(text, "/.git/"); ok {
		if _, file, ok := strings.Cut(strings.TrimPrefix(rest, "/"), "/"); ok {
			list = append(list, repository+"/"+file)
		}
		if _, file, ok := strings.Cut(rest, ":"); ok {
			list = append(list, repository+"/"+file)
		}
	}
	if i := strings.LastIndex(text, "//"); i > 0 {
		list = append(list, text[i+1:], text[i+2:])
	}
	if _, rest, ok := strings.Cut(text, ":"); ok { // commit:file, host:/file, C:/file
		list = append(list, rest)
	}
	for _, mark := range []string{"?", "#", "&", ";", "@", "|"} {
		if before, after, ok := strings.Cut(text, mark); ok {
			list = append(list, before, after)
		}
	}
	if _, value, ok := strings.Cut(text, "="); ok {
		list = append(list, value)
	}
	list = append(list, encoded(text)...)
	return append(list, strs(text)...)
}

// inBase64 is what may be text in base64, of either alphabet, or in hexadecimal.
var inBase64 = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[A-Za-z0-9+/_-]{12,}`) })

// encoded returns the text that runs of base64 and hexadecimal in text stand for.
func encoded(text string) []string {
	var list []string
	for _, run := range inBase64().FindAllString(text, maxNames) {
		decoded, err := hex.DecodeString(run)
		if err != nil {
			decoded, err = base64.RawURLEncoding.DecodeString(strings.NewReplacer("+", "-", "/", "_").Replace(run))
		}
		if plain := string(decoded); err == nil && utf8.ValidString(plain) && !strings.ContainsFunc(plain, unicode.IsControl) {
			list = append(list, plain)
		}
	}
	return list
}

// strs returns the strings of the JSON that text is.
func strs(text string) []string {
	if !strings.ContainsAny(text[:1], `{["`) {
		return nil
	}
	var list []string
	for d := jsontext.NewDecoder(strings.NewReader(text)); ; {
		token, err := d.ReadToken()
		if err != nil {
			return list
		}
		if token.Kind() == '"' {
			list = append(list, token.String())
		}
	}
}

// Places returns the names of u, as Names has them, in two parts: files are the paths of
// those that are on this machine, others the rest.
func Places(u string) (files, others []string, ok bool) {
	names, ok := Names(uri.URI(u))
	for _, name := range names {
		if file, onDisk := OnDisk(name); onDisk {
			files = append(files, file)
		} else {
			others = append(others, name)
		}
	}
	return files, others, ok
}

// OnDisk returns the path of name, one of Names, in the form of the operating
// system, and whether name is that of a file.
func OnDisk(name string) (file string, ok bool) {
	if !strings.HasPrefix(name, "/") {
		return "", false
	}
	return uri.File(filepath.FromSlash(name)).FsPath(), true
}

// Counterparts returns the files of the folders of which u, with these Names, may be
// another form, such as an earlier one, or the same file as another machine or a
// container has it: those that an end of a name leads to, whatever stands before
// that, or else what would have the base name of the first, unless u is a file of
// this machine. They need not exist. A name that is in a folder itself has none, nor
// has a file of this machine that exists.
func (f *Folders) Counterparts(u uri.URI, names []string) []string {
	local := IsLocal(u)
	f.mu.RLock()
	folders := f.list
	f.mu.RUnlock()
	var files []string
	for i, name := range names {
		if strings.HasPrefix(name, "/") && slices.ContainsFunc(folders, func(dir uri.URI) bool { _, in := inside(dir.Path(), name); return in }) {
			continue
		}
		if local && exists(name) {
			continue
		}
		elements := strings.Split(strings.Trim(path.Clean("/"+name), "/"), "/")
		elements = elements[max(0, len(elements)-deepestSuffix):]
		for _, folder := range folders {
			dir, found := folder.FsPath(), false
			for from, element := range elements {
				if _, err := os.Lstat(filepath.Join(dir, element)); err == nil {
					files = append(files, filepath.Join(dir, filepath.Join(elements[from:]...)))
					found = true
				}
			}
			if i == 0 && !found && !local && len(elements) > 1 {
				files = append(files, filepath.Join(dir, elements[len(elements)-1]))
			}
		}
	}
	return files
}

// exists reports whether name, one of Names, is that of a file on this machine.
func exists(name string) bool {
	file, ok := OnDisk(name)
	if !ok {
		return false
	}
	_, err := os.Lstat(file)
	return err == nil
}
