package document

import (
	"path"
	"strings"

	"go.lsp.dev/uri"
)

// Key returns the one spelling under which a document is found: editors spell
// the same URI differently from one request to the next (VS Code sends
// file:///c%3A/x, others file:///C:/x). For files, dot segments and doubled
// slashes go too. It is a name to compare, and may not be sent to the client.
func Key(u uri.URI) uri.URI {
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
