package chat

import (
	"strings"
	"unicode"
)

// FindQuestion returns the question that stands in a comment in selection, or
// in the comment right above it, where before is the text up to the selection.
// It returns "" if there is none.
//
// A question is a comment that begins with "?" or "ask:". Comment lines that
// follow at once continue it. A comment may begin with //, #, --, ;, %, ", /*,
// <!-- or the * of a longer comment; all but the one-sign ones of ; % " and *
// may also follow code on its line. The language is not considered: a sign that
// starts no comment in it is hardly ever followed by a question.
//
// The question may come from a file that somebody else wrote, and a menu shows
// only its beginning, so it is cut at maxQuestion characters.
func FindQuestion(before, selection string) string {
	q := firstQuestion(strings.Split(selection, "\n"))
	if q == "" {
		q = firstQuestion(commentAbove(before))
	}
	if r := []rune(q); len(r) > maxQuestion {
		return strings.TrimSpace(string(r[:maxQuestion-1])) + "…"
	}
	return q
}

// maxQuestion bounds a question in a comment, in characters.
const maxQuestion = 300

// aboveLines is how far up the comment above a selection is looked for.
const aboveLines = 20

// commentAbove returns the comment lines that end before, without a gap.
func commentAbove(before string) []string {
	before = before[:strings.LastIndexByte(before, '\n')+1] // not the selection's own line
	var lines []string
	block := ""
	for range aboveLines {
		before = strings.TrimSuffix(before, "\n")
		line := before[strings.LastIndexByte(before, '\n')+1:]
		if block == "" {
			block = openedBy(line)
		}
		if _, ok := comment(line); !ok && block == "" {
			break
		}
		if block != "" && strings.Contains(line, block) {
			block = ""
		}
		lines = append([]string{line}, lines...)
		before = before[:len(before)-len(line)]
	}
	return lines
}

// openedBy returns what opens the comment that ends at the end of line, or "".
func openedBy(line string) string {
	line = strings.TrimSpace(line)
	switch {
	case strings.HasSuffix(line, "*/"):
		return "/*"
	case strings.HasSuffix(line, "-->"):
		return "<!--"
	}
	return ""
}

func firstQuestion(lines []string) string {
	for i, line := range lines {
		text, ok := comment(line)
		if !ok {
			text, ok = commentAfter(line)
		}
		if !ok {
			continue
		}
		question, ok := asked(text)
		if !ok {
			continue
		}
		if q := strings.Join(append([]string{question}, continuation(line, lines[i+1:])...), " "); hasLetter(q) {
			return strings.TrimSpace(q)
		}
	}
	return ""
}

// continuation returns the text of the comment lines that follow first.
func continuation(first string, lines []string) []string {
	var more []string
	block := inBlock(first)
	for _, line := range lines {
		text, ok := comment(line)
		if !ok && block {
			text, ok = trimEnd(strings.TrimSpace(line)), true
		}
		if _, again := asked(text); !ok || again || text == "" {
			break
		}
		more = append(more, text)
		if block && openedBy(line) != "" {
			break
		}
	}
	return more
}

// inBlock reports whether line opens a comment that continues on the next one.
func inBlock(line string) bool {
	for _, pair := range [][2]string{{"/*", "*/"}, {"<!--", "-->"}} {
		if i := strings.Index(line, pair[0]); i >= 0 && !strings.Contains(line[i+2:], pair[1]) {
			return true
		}
	}
	return false
}

// comment returns the text of the comment that line begins with.
func comment(line string) (text string, ok bool) {
	line = strings.TrimSpace(line)
	for _, mark := range []string{"//", "/*", "<!--", "--", "#", ";", "%", `" `, "* "} {
		if rest, ok := strings.CutPrefix(line, mark); ok {
			// More of the same sign is still the mark: ///, ;;, /**, #!.
			return trimEnd(strings.TrimLeft(rest, mark+"! ")), true
		}
	}
	return "", false
}

// commentAfter returns the text of the comment that follows line's code.
func commentAfter(line string) (text string, ok bool) {
	for _, mark := range []string{" // ", " /* ", " <!-- ", " -- ", " # "} {
		if _, rest, ok := strings.Cut(line, mark); ok {
			return trimEnd(rest), true
		}
	}
	return "", false
}

func trimEnd(s string) string {
	return strings.TrimSpace(strings.TrimSuffix(strings.TrimSuffix(strings.TrimSpace(s), "*/"), "-->"))
}

// asked returns what follows "?" or "ask:" at the start of a comment.
func asked(text string) (question string, ok bool) {
	if rest, ok := strings.CutPrefix(text, "?"); ok && !strings.HasPrefix(rest, ">") { // "?>" ends PHP
		return strings.TrimSpace(rest), true
	}
	const ask = "ask:"
	if len(text) >= len(ask) && strings.EqualFold(text[:len(ask)], ask) {
		return strings.TrimSpace(text[len(ask):]), true
	}
	return "", false
}

func hasLetter(s string) bool { return strings.IndexFunc(s, unicode.IsLetter) >= 0 }
