// Package safetytest checks what parsers made of sanitised Markdown, and generates
// Markdown that tries to get past the sanitiser.
package safetytest

import (
	"fmt"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Harm returns an error if source, the HTML that a Markdown parser made of an
// answer, holds what no answer may: an element that Markdown does not have, a link
// whose text does not show where it leads, or a block of code in a language for
// which drawn reports true.
func Harm(source string, drawn func(word string) bool) error {
	var targets []string // of the links that are open
	var starts []int
	for _, at := range tag.FindAllStringSubmatchIndex(source, -1) {
		name := source[at[2]:at[3]]
		target := href.FindStringSubmatch(name)
		switch n := len(starts) - 1; {
		case !known.MatchString(name):
			return fmt.Errorf("the tag <%s>", name)
		case target != nil:
			targets, starts = append(targets, html.UnescapeString(target[1])), append(starts, at[1])
		case name == "/a" && n >= 0:
			shown := html.UnescapeString(tag.ReplaceAllString(source[starts[n]:at[0]], ""))
			if err := harmOfLink(targets[n], shown); err != nil {
				return err
			}
			targets, starts = targets[:n], starts[:n]
		}
	}
	for _, m := range language.FindAllStringSubmatch(source, -1) {
		for _, w := range word.FindAllString(html.UnescapeString(m[1]), -1) {
			if drawn(w) {
				return fmt.Errorf("the diagram %s", m[1])
			}
		}
	}
	return nil
}

var (
	tag  = regexp.MustCompile(`<([^>]*)>`)
	href = regexp.MustCompile(`^a href="([^"]*)"`)
	// known are the tags that are no HTML of the text's own.
	known = regexp.MustCompile(`^/?(p|pre|code|em|strong|del|s|ul|ol|li|blockquote|h[1-6]|hr|br|table|thead|tbody|tr|th|td|dl|dt|dd|a|input)( /|/)?$|` +
		`^(code class="[^"]*"|ol start="[^"]*"|t[hd] (align|style)="[^"]*"|input (checked="" )?disabled="" type="checkbox"( /)?|a href="[^"]*"( target="_blank"| title="[^"]*")*)$`)
	language = regexp.MustCompile(`<code class="language-([^"]*)"`)
	word     = regexp.MustCompile(`[0-9A-Za-z_]+`)
)

func harmOfLink(target, shown string) error {
	host := authority.FindStringSubmatch(target)
	switch {
	case sameTarget(target, shown): // what viewers make of a bare address shows where it leads
		return nil
	case host == nil:
		return fmt.Errorf("the link %s", target)
	case strings.ContainsAny(unescape(host[1]), "%<>[]^|` \\"): // leads nowhere
		return nil
	case !strings.Contains(shown, host[1]):
		return fmt.Errorf("the link %q to %s", shown, target)
	}
	return nil
}

// authority is where a browser goes: a backslash is a slash to it.
var authority = regexp.MustCompile(`(?i)^(?:https?://|mailto:[^@]*@)([^/\\?#@]+)(?:[/\\?#]|$)`)

// sameTarget reports whether target is shown, but for what is percent-encoded.
func sameTarget(target, shown string) bool {
	t, s := unescape(target), unescape(shown)
	return bare.MatchString(t) && slices.Contains([]string{s, "http://" + s, "https://" + s, "mailto:" + s}, t)
}

// bare are the schemes of what parsers make a link of without brackets.
var bare = regexp.MustCompile(`(?i)^((https?|ftp):|//|mailto:|xmpp:)`)

var escaped = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)

// unescape leaves percent signs that encode nothing as they stand.
func unescape(address string) string {
	return escaped.ReplaceAllStringFunc(address, func(code string) string {
		plain, _ := url.PathUnescape(code)
		return plain
	})
}
