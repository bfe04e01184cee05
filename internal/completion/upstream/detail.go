package upstream

import (
	"bytes"
	"html"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/llmls/llmls/internal/completion"
)

// maxDetail is how much of a server's words a message quotes, in runes.
const maxDetail = 300

// shortestSecret is the length from which a key is looked for in what servers
// say. Shorter ones are placeholders ("none", "x") and also plain words.
const shortestSecret = 6

// detail makes one short line of a server's message, without any key of ours. It looks
// for keys once the line is made, because a removed character may have split one.
func (t *target) detail(text string) string {
	return shorten(t.redact(oneLine(text)), maxDetail)
}

// headline returns the line of a server's message that says what happened: the
// first, of a traceback the last, and what is quoted inside if a gateway wraps an
// error as Python prints it.
func headline(message string) string {
	message = strings.TrimSpace(message)
	if m := quotedMessage().FindStringSubmatch(message); m != nil {
		message = m[1] + m[2]
	}
	if strings.HasPrefix(message, "{") || strings.HasPrefix(message, "[") {
		return message // JSON in which nothing was found
	}
	if strings.HasPrefix(message, "Traceback ") {
		return message[strings.LastIndexByte(message, '\n')+1:]
	}
	first, rest, _ := strings.Cut(message, "\n")
	if strings.HasSuffix(strings.TrimSpace(first), ":") {
		next, _, _ := strings.Cut(strings.TrimLeft(rest, " \t\r\n"), "\n")
		first += " " + next
	}
	return first
}

var quotedMessage = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\{["'](?:error["']: ?\{(?:["']\w+["']: ?[^{}]{0,100}?, )?["'])?message["']: ?(?:'([^'\n]+)'|"([^"\n]+)")`)
})

// modelTitle is what a server calls its model, as one short line of plain text.
func modelTitle(name []byte) string {
	return completion.Unlinked(shorten(oneLine(string(name)), maxDetail))
}

// redact replaces keys and other secrets in text.
func (t *target) redact(text string) string {
	for _, secret := range t.secrets() {
		text = strings.ReplaceAll(text, secret, "[key]")
	}
	return text
}

// shorten cuts text to limit runes.
func shorten(text string, limit int) string {
	if utf8.RuneCountInString(text) <= limit {
		return text
	}
	return string([]rune(text)[:limit]) + "…"
}

// secrets are the key, what the user's header fields hold, and what looks like a
// key in the query of the address.
func (t *target) secrets() []string {
	all := []string{t.key}
	for _, value := range t.fields {
		all = append(append(all, value), strings.Fields(value)...)
	}
	for name, values := range t.url.Query() {
		name = strings.ToLower(name)
		for _, mark := range []string{"key", "token", "secret", "sig", "pass"} {
			if strings.Contains(name, mark) {
				all = append(all, values...)
				break
			}
		}
	}
	var long []string
	for _, secret := range all {
		if len(secret) >= shortestSecret {
			long = append(long, secret)
			if escaped := url.QueryEscape(secret); escaped != secret {
				long = append(long, escaped)
			}
		}
	}
	return long
}

// oneLine makes one line: space is collapsed, and what is invisible or steers a
// terminal is left out.
func oneLine(text string) string {
	var b strings.Builder
	space := false
	for _, r := range text {
		switch {
		case unicode.IsSpace(r):
			space = true
			continue
		case r == utf8.RuneError, unicode.Is(unicode.C, r), unicode.Is(unicode.Variation_Selector, r):
			continue
		}
		if space && b.Len() > 0 {
			b.WriteByte(' ')
		}
		space = false
		b.WriteRune(r)
	}
	return b.String()
}

// isMarkup recognises HTML and XML: a web page or a storage service's error.
func isMarkup(body []byte) bool {
	return bytes.HasPrefix(bytes.TrimSpace(body), []byte("<"))
}

// pageTitle is the title of a web page, or the message of an XML error.
func pageTitle(page []byte) string {
	lower := bytes.ToLower(page)
	if len(lower) != len(page) {
		return ""
	}
	for _, tag := range []string{"title", "message", "h1"} {
		for start := 0; ; {
			at := bytes.Index(lower[start:], []byte("<"+tag))
			if at < 0 {
				break
			}
			start += at + len("<"+tag)
			rest := lower[start:]
			open := bytes.IndexByte(rest, '>')
			end := bytes.Index(rest, []byte("</"+tag))
			if open < 0 || end < 0 {
				break
			}
			if end < open || rest[0] != '>' && !unicode.IsSpace(rune(rest[0])) {
				continue // the name of another tag
			}
			if title := strings.TrimSpace(unescaped(string(page[start+open+1 : start+end]))); title != "" {
				return title
			}
		}
	}
	return ""
}

// maxEscapes is how often a text may have been escaped by programs on the way.
const maxEscapes = 3

// unescaped returns the text of HTML, however often it was escaped, because an escape
// might hide a key.
func unescaped(text string) string {
	for range maxEscapes {
		text = html.UnescapeString(text)
	}
	return text
}
