package document

import (
	"net"
	"os"
	"path"
	"runtime"
	"strings"
	"sync"

	"go.lsp.dev/uri"
)

// MaxURI is the length of the longest URI that is taken for that of a document, in
// bytes: twice that of the longest path that Linux opens.
const MaxURI = 8 << 10

// foldsCase reports whether names of files that differ in letter case alone
// name the same file.
const foldsCase = runtime.GOOS == "windows"

// Key returns the one spelling under which a document is found: editors spell
// the same URI differently from one request to the next (VS Code sends
// file:///c%3A/x, others file:///C:/x). For files, dot segments and doubled
// slashes go too, and letter case on Windows. It is only for comparing, and must
// not be sent to the client.
func Key(u uri.URI) uri.URI {
	k := clean(u)
	if !foldsCase || !k.IsFile() {
		return k
	}
	c := k.Components()
	c.Path = strings.ToLower(c.Path)
	if folded, err := uri.From(c); err == nil {
		return folded
	}
	return k
}

// clean is Key, but keeps letter case.
func clean(u uri.URI) uri.URI {
	if u == "" {
		return "" // no document
	}
	k, err := uri.Parse(string(u))
	if err != nil {
		return u
	}
	if !strings.EqualFold(k.Scheme(), "file") {
		return k
	}
	c := k.Components()
	c.Scheme = "file"
	c.Path = path.Clean("/" + c.Path)
	if c.Authority == "localhost" { // RFC 8089, section 2
		c.Authority = ""
	}
	k, err = uri.From(c)
	if err != nil {
		return u
	}
	return k
}

// Name returns the last element of the path of u, "" if it has none.
func Name(u uri.URI) string { return strings.Trim(base(u), "/") }

// unnamed reports whether key names no file, as file:// does, which Neovim has for
// each of its buffers that has no name.
func unnamed(key uri.URI) bool { return key.IsFile() && key.Path() == "/" }

// inside returns the path of name inside dir, both with forward slashes.
func inside(dir, name string) (rel string, ok bool) {
	rel = strings.TrimPrefix(name, "/")
	for element := range strings.SplitSeq(strings.Trim(dir, "/"), "/") {
		if element == "" {
			continue
		}
		first, rest, _ := strings.Cut(rel, "/")
		if first != element && !(foldsCase && strings.EqualFold(first, element)) {
			return "", false
		}
		rel = rest
	}
	return rel, rel != ""
}

// IsLocal reports whether u is a file's and its authority is this machine.
func IsLocal(u uri.URI) bool {
	k := clean(u)
	host := strings.ToLower(k.Authority())
	if ip := net.ParseIP(strings.Trim(host, "[]")); ip != nil && !ip.IsLoopback() {
		return false
	} else if ip == nil && host != "" && host != "localhost" && host != strings.ToLower(hostname()) {
		return false
	}
	return k.IsFile()
}

var hostname = sync.OnceValue(func() string {
	name, _ := os.Hostname() // "" is this machine, too
	return name
})
