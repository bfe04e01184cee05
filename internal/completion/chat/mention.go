package chat

import (
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// A Mention is a reference in a question to code beside the selection.
type Mention struct {
	Text        string // as it stands in the question, such as "#file:a.go:3-9"
	Kind        MentionKind
	Name        string // the path, the symbol or the revision; "" for #diff alone
	First, Last int    // the lines of #file, from 1; 0 for all

	at int // where it stands in the question
}

// A MentionKind is the word behind the # of a mention.
type MentionKind string

// The kinds of mentions.
const (
	MentionFile   MentionKind = "file"
	MentionSymbol MentionKind = "symbol"
	MentionDiff   MentionKind = "diff"
)

// String is the mention for a person to read, in one line.
func (m *Mention) String() string { return quotePath(m.Text) }

var mentions = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`#(?:(file|symbol):("[^"\n]+"(?::\d+(?:-\d+)?)?|[^\s"]+)|(diff)(?::("[^"\n]+"|[^\s"]+))?)`)
})

// Mentions returns what question mentions, in order: #file:PATH, #file:PATH:A,
// #file:PATH:A-B, #symbol:NAME, #diff and #diff:REV. A path with spaces stands
// in quotation marks. What ends a sentence does not belong to a mention, and
// text such as #include, #123 or #different is not a mention.
func Mentions(question string) []Mention {
	var list []Mention
	for at := 0; ; {
		m := mentions().FindStringSubmatchIndex(question[at:])
		if m == nil {
			return list
		}
		start, end := at+m[0], at+m[1]
		group := func(n int) string {
			if m[2*n] < 0 {
				return ""
			}
			return question[at+m[2*n] : at+m[2*n+1]]
		}
		mention := Mention{Kind: MentionKind(group(1) + group(3)), at: start}
		argument := group(2) + group(4)
		name := trimSentence(argument)
		end -= len(argument) - len(name)
		at = start + 1
		switch {
		case !opens(question[:start]):
			continue
		case mention.Kind == MentionDiff && name == "":
			if end = start + len("#diff"); continues(question[end:]) {
				continue
			}
		case name == "":
			continue
		}
		mention.Text = question[start:end]
		mention.name(name)
		if mention.Name == "" && mention.Kind != MentionDiff {
			continue
		}
		list, at = append(list, mention), end
	}
}

// opens reports whether a mention may begin behind text.
func opens(text string) bool {
	if text == "" {
		return true
	}
	last := text[len(text)-1]
	return last <= ' ' || strings.IndexByte("([{<\"'`,;", last) >= 0
}

// continues reports whether text goes on with a word.
func continues(text string) bool {
	if text == "" {
		return false
	}
	c := text[0]
	return isLower(c) || isUpper(c) || isDigit(c) || c == '_' || c == '-' || c >= 0x80
}

// trimSentence returns s without what ends a sentence, a bracket or a quotation.
func trimSentence(s string) string {
	if strings.HasPrefix(s, `"`) {
		return s
	}
	return strings.TrimRight(s, "?.,)!;:'`>…”’»")
}

var mentionLines = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(.+?):(\d{1,9})(?:-(\d{1,9}))?$`) })

// name reads what stands behind the colon.
func (m *Mention) name(s string) {
	switch m.Kind {
	case MentionFile:
		if l := mentionLines().FindStringSubmatch(s); l != nil {
			s = l[1]
			m.First, _ = strconv.Atoi(l[2])
			if m.Last = m.First; l[3] != "" {
				m.Last, _ = strconv.Atoi(l[3])
			}
		}
		s = strings.Trim(s, `"`)
	case MentionSymbol:
		s, _, _ = strings.Cut(strings.Trim(s, `"`), "(")
	case MentionDiff:
		s = strings.Trim(s, `"`)
	}
	m.Name = s
}

// refer returns question with each mention replaced by the name in the heading above its
// material. Mentions without a material stay as they are.
func refer(question string, materials []Material) string {
	var b strings.Builder
	at := 0
	for _, m := range Mentions(question) {
		name := ""
		for i := range materials {
			if materials[i].Mention != m.Text {
				continue
			}
			if name != "" {
				name += " and "
			}
			name += materials[i].reference()
		}
		if name != "" {
			b.WriteString(question[at:m.at] + name)
			at = m.at + len(m.Text)
		}
	}
	return b.String() + question[at:]
}

// reference is the name of m in the question.
func (m *Material) reference() string {
	if m.Changes != nil {
		return "the changes since " + m.Changes.since()
	}
	where := "`" + quotePath(m.Path) + "` (" + m.lines() + ")"
	if name, ok := strings.CutPrefix(m.Mention, "#symbol:"); ok {
		return "`" + quotePath(name) + "` in " + where
	}
	return where
}
