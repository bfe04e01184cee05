package settings

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A guess is what an unknown name may have been meant for.
type guess struct {
	near  string // the nearest setting, "" if none is close
	route bool   // it would decide where code goes, or with which key or header
}

// longestName is the length from which a name cannot be a misspelt setting, in
// bytes: the longest setting and a few typos.
const longestName = 40

// guessAt returns the guess for path, a name with its groups.
func guessAt(path string) guess {
	near, k := nearest(path), (*key)(nil)
	if near != "" {
		k = findKey(near)
	}
	if k != nil && k.route {
		return guess{near, true}
	}
	if meant, ok := routeName(path); ok {
		return guess{meant, true}
	}
	return guess{near, looksLikeKey(path)}
}

// routeName reports whether path is a name that people, other programs and their
// configuration files use for an endpoint, its key, its headers or its
// certificates, or close to one, and returns our name for it, if there is one.
func routeName(path string) (meant string, ok bool) {
	leaf := path[strings.LastIndexByte(path, '.')+1:]
	alone := leaf == path || namesEndpoints(path)
	for _, name := range []string{fold(path), fold(leaf)} {
		for _, words := range routeWords() {
			if words.match(name, alone) {
				return words.setting, true
			}
		}
	}
	return "", false
}

func (w *words) match(name string, alone bool) bool {
	return alone && slices.Contains(w.whole, name) || slices.ContainsFunc(w.beginnings, func(beginning string) bool {
		return strings.HasPrefix(name, beginning)
	}) || slices.ContainsFunc(w.endings, func(ending string) bool {
		return strings.HasSuffix(name, ending) || isClose(name, ending, len(ending)/4)
	})
}

// words are names for one thing, as fold leaves them.
type words struct {
	setting    string   // ours, "" if there is none
	whole      []string // these count only without another group, since they are common elsewhere: trace.server
	beginnings []string // also with something behind them: apiKeyHelper
	endings    []string // also with something before them: openaiBaseUrl, relay_endpoint
}

func routeWords() []words {
	return []words{
		{
			BaseURL,
			[]string{"base", "host", "hostname", "server", "address", "origin", "backend", "gateway", "relay", "provider"},
			[]string{"baseurl", "apibase", "endpoint"},
			[]string{"url", "uri", "baseurl", "basepath", "apibase", "apihost", "apiserver", "endpoint", "endpoints", "openaibaseurl"},
		},
		{"apiKeyCommand", nil, []string{"apikeyc", "apikeyp"}, []string{"keycommand", "keycmd", "keyprogram", "keyfile", "keypath", "tokencommand", "tokenfile", "apikeycommand"}},
		{"apiKeyEnv", nil, []string{"apikey"}, []string{"apikeyenv", "keyenv", "keyvar", "keyvariable", "tokenenv"}},
		{caFile, []string{"ca", "certs", "certificates"}, nil, []string{"cafile", "capath", "cacert", "cacerts", "cabundle", "certfile", "certificate"}},
		{"", nil, nil, []string{"header", "headers"}},
	}
}

// namesEndpoints reports whether path begins with the name of a group in which
// other programs describe endpoints, or nearly with our own.
func namesEndpoints(path string) bool {
	head, _, _ := strings.Cut(path, ".")
	switch name := fold(head); name {
	case "openai", "api", "llm":
		return true
	default:
		return isClose(name, section, 1) || isClose(name, "endpoints", 2) || isClose(name, "headers", 1)
	}
}

// nearest returns the setting whose name is closest to path, "" if none is close.
func nearest(path string) string { return nearestOf(keys(), path) }

func nearestOf(list []key, path string) string {
	if len(path) > longestName {
		return ""
	}
	want := fold(path)
	best, least := "", 1+max(1, min(3, len(want)/3))
	for _, k := range list {
		_, leaf, _ := strings.Cut(k.path, ".") // people also forget the group
		for _, name := range []string{fold(k.path), fold(leaf)} {
			if name != "" && isClose(want, name, least-1) {
				best, least = k.path, editDistance(want, name)
			}
		}
	}
	return best
}

// fold removes the differences between spellings of one name, such as base_url, baseURL
// and "base url", and invisible characters.
func fold(name string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, name)
}

// isClose reports whether a and b are at most so many edits apart. Names of very
// different length, which most are, cost nothing.
func isClose(a, b string, edits int) bool {
	apart := utf8.RuneCountInString(a) - utf8.RuneCountInString(b)
	return max(apart, -apart) <= edits && editDistance(a, b) <= edits
}

// editDistance counts the insertions, deletions, replacements and swaps of
// neighbours that lead from one to the other, in letters.
func editDistance(one, other string) int {
	a, b := []rune(one), []rune(other)
	before := make([]int, len(b)+1) // two rows ago
	above := make([]int, len(b)+1)
	row := make([]int, len(b)+1)
	for j := range above {
		above[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(above[j]+1, row[j-1]+1, above[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, above, row = above, row, before
	}
	return above[len(b)]
}
