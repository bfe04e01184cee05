package upstream

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/jsonwalk"
)

// A source is a page that the answer cites, as [1] for the first.
type source struct{ url, title string }

const (
	// maxSources is how many pages are listed. Search models cite some 20.
	maxSources = 64
	// maxSourceURL is the longest address that is listed, in bytes.
	maxSourceURL = 2 << 10
	// maxSourceTitle is how much of a title is shown, in runes.
	maxSourceTitle = 120
)

// Cite takes pages that the answer cites: an address, an object that holds one, such
// as {"type": "url_citation", "url_citation": {"url": …, "title": …}}, or a list of
// either. Servers repeat them with every chunk: the first of each counts, and its
// place is its number.
func (a *Answer) Cite(value []byte) {
	switch {
	case jsonwalk.IsNull(value):
	case value[0] == '[':
		for element := range jsonwalk.Elements(value) {
			if element[0] != '[' {
				a.Cite(element)
			}
		}
	case value[0] == '{':
		var address, title []byte
		for name, v := range jsonwalk.Members(value) {
			switch string(name) {
			case "url", "uri", "link":
				address = v
			case "title", "name":
				title = v
			case "url_citation":
				if v[0] == '{' {
					a.Cite(v)
				}
			}
		}
		a.cite(address, title)
	default:
		a.cite(value, nil)
	}
}

// cite takes the address of a page, and its title, which may be missing.
func (a *Answer) cite(address, title []byte) {
	u, err := url.Parse(strings.TrimSpace(jsonwalk.String(address)))
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || len(address) > maxSourceURL {
		return
	}
	// What would end a link in Markdown is escaped.
	s := source{strings.NewReplacer("(", "%28", ")", "%29", "<", "%3C", ">", "%3E", "`", "%60", "|", "%7C").Replace(u.String()), ""}
	s.title = shorten(oneLine(jsonwalk.String(title)), maxSourceTitle)
	for i := range a.sources {
		if a.sources[i].url == s.url {
			if a.sources[i].title == "" {
				a.sources[i].title = s.title
			}
			return
		}
	}
	if len(a.sources) < maxSources {
		a.sources = append(a.sources, s)
	}
}

// giveSources lists what the answer cites below it.
func (a *Answer) giveSources() {
	if len(a.sources) == 0 || !a.said {
		return
	}
	text := "\n\n" + completion.HeadingSources + "\n\n"
	for i, s := range a.sources {
		if s.title == "" {
			text += fmt.Sprintf("%d. %s\n", i+1, s.url)
			continue
		}
		// Brackets in the text of a link are read in different ways, escaped or not.
		title := strings.NewReplacer("[", "(", "]", ")", `\`, `\\`, "`", "\\`", "<", `\<`, "*", `\*`, "_", `\_`).Replace(s.title)
		text += fmt.Sprintf("%d. [%s](%s)\n", i+1, title, s.url)
	}
	a.write(completion.Delta, []byte(text))
	a.Flush()
}
