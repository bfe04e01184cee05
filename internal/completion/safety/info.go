package safety

import (
	"strings"
	"unicode/utf8"
)

// An info is what follows an opening fence. Its first word is a language, and
// viewers draw some: a diagram fetches what it names, or runs.
type info struct {
	counted bool   // the fence itself is over
	began   bool   // something but fence and spaces was read
	over    bool   // the first word has ended
	plain   bool   // the last byte belongs to a part that is no diagram
	first   bool   // word is the start of the info
	word    []byte // what may be a diagram's language
}

// diagrams are languages that viewers draw, in lower case.
const diagrams = "bpmn bytefield c4plantuml chart d2 dbml diagram ditaa dot echarts excalidraw figure flow flowchart" +
	" geojson gnuplot graphviz image kroki markmap math mermaid mindmap mmd nomnoml pikchr plantuml puml sequence" +
	" smiles stl structurizr svg svgbob tikz topojson uml vega vegalite viz wavedrom"

// readInfo goes on with an info. Parsers that know another end of it than the
// line's read it as text, so it is escaped like text.
func (m *markdown) readInfo(c byte) {
	i, f := &m.info, &m.fence
	if c == f.mark && !i.counted {
		f.length++
		m.out = append(m.out, c)
		return
	}
	i.counted = true
	if c == '\t' { // some end the first word at a space only
		c = ' '
	}
	switch {
	case c == '`' && f.mark == '`': // no fence: this line is text
		m.endWord()
		m.mode = modeText
		m.text(c)
	case c == '\n':
		m.endWord()
		m.text(c)
	case i.over:
		m.passInfo(c)
	case isBlank(c):
		m.endWord()
		i.over = i.began
		m.text(c)
	case isAlnum(c) || c == '_':
		m.infoWord(c)
	case c >= utf8.RuneSelf: // some know more spaces than ASCII has
		if utf8.RuneStart(c) {
			m.infoWord('_')
		}
	case c == '&': // an entity may spell anything
		m.endWord()
		m.endFirst()
		m.text(c)
	default:
		m.endWord()
		i.began, i.plain = true, false
		m.passInfo(c)
	}
}

// passInfo passes on c without braces, since attributes make viewers run a
// block, without what makes the line a table's head, and without what parsers
// may take for a fence of another kind.
func (m *markdown) passInfo(c byte) {
	switch c {
	case '{':
		c = '('
	case '}':
		c = ')'
	case '|':
		c = '/'
	case '`', '~':
		c = '\''
	}
	m.text(c)
}

// infoWord goes on with a part of the first word.
func (m *markdown) infoWord(c byte) {
	i := &m.info
	if i.plain {
		m.text(c)
		return
	}
	if len(i.word) == 0 {
		i.first = !i.began
	}
	i.began = true
	i.word = append(i.word, c)
	if begins, _ := isDiagram(i.word); !begins {
		m.reread(i.word)
		i.word, i.plain = i.word[:0], true
	}
}

// endWord settles a part of the first word that waits.
func (m *markdown) endWord() {
	i := &m.info
	if len(i.word) == 0 {
		return
	}
	word := i.word
	i.word = i.word[:0]
	if _, drawn := isDiagram(word); !drawn {
		m.reread(word)
		return
	}
	i.began = !i.first
	m.endFirst()
	m.text('(')
	m.reread(word)
	m.text(')')
}

// isDiagram reports whether word begins a language that viewers draw, and
// whether it is one. A word is ASCII letters, digits and "_".
func isDiagram(word []byte) (begins, is bool) {
	const all = " " + diagrams + " "
	key := append(make([]byte, 0, 32), ' ')
	for _, c := range word {
		key = append(key, c|0x20) // lower case
	}
	begins = strings.Contains(all, string(key))
	return begins, begins && strings.Contains(all, string(append(key, ' ')))
}

// endFirst ends the first word, so that what follows is no language.
func (m *markdown) endFirst() {
	i := &m.info
	if !i.began {
		m.reread([]byte("text"))
	}
	m.text(' ')
	i.began, i.over = true, true
}
