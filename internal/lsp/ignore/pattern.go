package ignore

import (
	"strings"
)

// Patterns are the lines of one file in the syntax of gitignore(5). Letter case
// does not count: some file systems do not tell it apart, and a file that is
// named in another case is the same secret.
type Patterns []pattern

// A pattern is one line.
type pattern struct {
	line    int
	text    string // as it was written
	negated bool   // it begins with "!"
	dirOnly bool   // it ends in "/"
	base    bool   // it holds no other "/", and is about names at any depth
	tokens  []token
}

// Parse reads patterns, one a line. A line that git would not understand
// matches nothing, as in git.
func Parse(text string) Patterns {
	var list Patterns
	text = strings.TrimPrefix(text, "\uFEFF")
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
		if strings.HasPrefix(line, "#") {
			continue
		}
		if p, ok := parseLine(trimSpaces(line)); ok {
			p.line = number
			list = append(list, p)
		}
	}
	return list
}

// Valid tells whether line is one pattern that can match something.
func Valid(line string) bool {
	_, ok := parseLine(line)
	return ok && line != "" && !strings.ContainsAny(line, "\r\n")
}

func parseLine(line string) (pattern, bool) {
	p := pattern{text: line}
	line, p.negated = strings.CutPrefix(line, "!")
	line, p.dirOnly = strings.CutSuffix(line, "/")
	p.base = !strings.Contains(line, "/")
	line = strings.TrimPrefix(line, "/")
	var ok bool
	if line != "" {
		p.tokens, ok = tokenize(line, p.base)
	}
	return p, ok
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

// A token is a piece of a pattern.
type token struct {
	kind  tokenKind
	char  byte  // of a literal, in lower case
	class class // of a class
}

type tokenKind uint8

const (
	literal tokenKind = iota
	anyByte           // ?
	classed           // […]
	star              // *: any bytes but a slash
	deep              // ** before a slash: any directories, or none
	rest              // ** at the end: anything
)

// tokenize follows wildmatch.c of git. It fails for what never matches: a
// backslash at the end, a class without one.
func tokenize(text string, base bool) (tokens []token, ok bool) {
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '\\':
			if i++; i == len(text) {
				return nil, false
			}
			tokens = append(tokens, token{kind: literal, char: fold(text[i])})
		case '?':
			tokens = append(tokens, token{kind: anyByte})
		case '[':
			cl, length := parseClass(text[i:])
			if length == 0 {
				return nil, false
			}
			i += length - 1
			tokens = append(tokens, token{kind: classed, class: cl})
		case '*':
			start := i
			for i+1 < len(text) && text[i+1] == '*' {
				i++
			}
			opens := start == 0 || text[start-1] == '/'
			switch {
			case base || i == start || !opens:
				tokens = append(tokens, token{kind: star})
			case i+1 == len(text):
				tokens = append(tokens, token{kind: rest})
			case text[i+1] == '/':
				i++ // the slash belongs to the directories
				tokens = append(tokens, token{kind: deep})
			default:
				tokens = append(tokens, token{kind: star})
			}
		default:
			tokens = append(tokens, token{kind: literal, char: fold(c)})
		}
	}
	return tokens, true
}

func fold(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c - 'A' + 'a'
	}
	return c
}

// matches tells whether p matches path, which is relative to the directory of
// its file. It takes time in proportion to the product of their lengths,
// whatever p is: a repository may have written it.
func (p *pattern) matches(path string) bool {
	if p.base {
		path = path[strings.LastIndexByte(path, '/')+1:]
	}
	// at[i] says that the tokens before i can match what was read so far.
	at := make([]bool, len(p.tokens)+1)
	next := make([]bool, len(p.tokens)+1)
	p.enter(at, 0)
	for i := range len(path) {
		clear(next)
		alive := false
		for j, t := range p.tokens {
			if !at[j] {
				continue
			}
			switch {
			case t.kind == star && path[i] != '/', t.kind == rest:
				p.enter(next, j)
			case t.kind == deep:
				if next[j] = true; path[i] == '/' {
					p.enter(next, j+1)
				}
			case t.one(path[i]):
				p.enter(next, j+1)
			default:
				continue
			}
			alive = true
		}
		if !alive {
			return false
		}
		at, next = next, at
	}
	return at[len(p.tokens)]
}

// enter marks j, and what follows tokens that may match nothing.
func (p *pattern) enter(at []bool, j int) {
	at[j] = true
	for j < len(p.tokens) && (p.tokens[j].kind == star || p.tokens[j].kind == deep || p.tokens[j].kind == rest) {
		j++
		at[j] = true
	}
}

// one tells whether t is one byte, and c is it.
func (t token) one(c byte) bool {
	switch t.kind {
	case literal:
		return t.char == fold(c)
	case anyByte:
		return c != '/'
	case classed:
		return c != '/' && t.class.has(c)
	default:
		return false
	}
}
