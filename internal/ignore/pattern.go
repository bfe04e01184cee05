package ignore

import (
	"iter"
	"strings"
)

// A pattern is one line in the syntax of gitignore(5), but for two things:
// letter case does not count, and "?" and "[…]" stand for a character where git
// counts bytes.
type pattern struct {
	negated bool // it begins with "!"
	dirOnly bool // it ends in "/"
	base    bool // it holds no other "/", and is about names at any depth
	tokens  []token
	least   int // characters that it needs
}

// A token is a piece of a pattern.
type token struct {
	kind  tokenKind
	char  rune   // of a literal, folded
	class *class // of a class
}

type tokenKind uint8

const (
	literal tokenKind = iota
	anyChar           // ?
	classed           // […]
	star              // *: any characters but a slash
	deep              // ** before a slash: any directories, or none
	rest              // ** at the end: anything
)

// lines yields the numbers and the lines of text that may be patterns. A line
// ends as on any system.
func lines(text string) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		for number := 1; text != ""; number++ {
			line, after := text, ""
			if i := strings.IndexAny(text, "\r\n"); i >= 0 {
				line, after = text[:i], text[i+1:]
				if text[i] == '\r' {
					after = strings.TrimPrefix(after, "\n")
				}
			}
			text = after
			if strings.HasPrefix(line, "#") {
				continue
			}
			if line = trimSpaces(line); line != "" && !yield(number, line) {
				return
			}
		}
	}
}

// Valid reports whether line is one pattern that can match something.
func Valid(line string) bool {
	var p pattern
	return !strings.ContainsAny(line, "\r\n") && p.parse(line)
}

// parse reads line into p, whose memory it reuses. It reports false for a line that
// matches nothing in git either.
func (p *pattern) parse(line string) bool {
	line, p.negated = strings.CutPrefix(line, "!")
	line, p.dirOnly = strings.CutSuffix(line, "/")
	p.base = !strings.Contains(line, "/")
	line = strings.TrimPrefix(line, "/")
	return line != "" && p.tokenize(composed(line))
}

// trimSpaces drops the spaces that end line, unless they are escaped.
func trimSpaces(line string) string {
	end := 0
	for i := 0; i < len(line); i++ {
		switch line[i] {
		case ' ':
			continue
		case '\\':
			i++
		}
		end = min(i+1, len(line))
	}
	return line[:end]
}

// tokenize follows wildmatch.c of git. It reports false for what never matches: a
// backslash at the end, a class that does not end.
func (p *pattern) tokenize(text []rune) bool {
	p.tokens, p.least = p.tokens[:0], 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '\\':
			if i++; i == len(text) {
				return false
			}
			p.addLiteral(text[i])
		case '?':
			p.add(token{kind: anyChar})
		case '[':
			class, length := parseClass(text[i:])
			if length == 0 {
				return false
			}
			i += length - 1
			p.add(token{kind: classed, class: class})
		case '*':
			i = p.addStars(text, i)
		default:
			p.addLiteral(c)
		}
	}
	return true
}

func (p *pattern) add(t token) {
	p.tokens = append(p.tokens, t)
	if t.kind <= classed {
		p.least++
	}
}

func (p *pattern) addLiteral(c rune) {
	for _, r := range fold(string(c)) {
		p.add(token{kind: literal, char: r})
	}
}

// addStars adds what the stars at start mean, and returns where that ends.
func (p *pattern) addStars(text []rune, start int) int {
	i := start
	for i+1 < len(text) && text[i+1] == '*' {
		i++
	}
	opens := start == 0 || text[start-1] == '/'
	switch {
	case p.base || i == start || !opens:
		p.add(token{kind: star})
	case i+1 == len(text):
		p.add(token{kind: rest})
	case text[i+1] == '/':
		p.add(token{kind: deep})
		return i + 1 // the slash belongs to the directories
	default:
		p.add(token{kind: star})
	}
	return i
}
