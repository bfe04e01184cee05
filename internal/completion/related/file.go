package related

import (
	"bytes"
	"strings"
	"sync"
)

// maxText is the most of a text that is read, in bytes. Source files of more are
// generated, or data.
const maxText = 1 << 20

// maxRegexp is the longest regular expression that is distinguished from a division.
const maxRegexp = 400

// A File is a text, read for what it defines and imports. It never changes, so
// any goroutine may read it. Lines are counted from 0 here.
type File struct {
	Path string // relative to the root of its Source, with forward slashes

	text string
	lang *language

	once   sync.Once // fills what follows
	masked []byte
	starts []int32 // offsets of the lines
	indent []int16 // of the lines, in columns; -1 where there is no code
	above  []int32 // the last line with code at or above each, or 0
	next   []int32 // the first line below with code that stands as far left or further, or len(starts)
	base   int     // lines of the whole text in front of the first one here
	cells  []cellAt

	defs    []def
	byName  map[string][]int32
	members map[member]int32   // the first definition of each
	embeds  map[string][]int32 // the embedded types, by what they are in
	imports []binding
	globs   []string // modules all of whose names are in scope
	pkg     string   // the name of the package, in languages whose files name it
}

// A def is a definition of a name.
type def struct {
	name  string
	owner string // what it is a member of, "" if of nothing
	kind  kind
	line  int32
	head  int32 // the last line of its header
	end   int32 // the last line of its body
	in    int32 // the index of the definition that it stands in, -1
}

// A member is a name in the type that has it.
type member struct{ owner, name string }

// A binding is a name that an import brings into scope.
type binding struct {
	name   string // here
	module string // as the import writes it
	member string // the name in the module, "" if the module itself is meant
	line   int32
	end    int32 // where the statement ends
	from   int32 // where it begins
}

// NewFile returns text as a file, of which at most 1 MiB is read.
// languageID is LSP's; if it says nothing, path decides.
func NewFile(path, languageID, text string) *File {
	f := &File{Path: path, lang: languageByID(languageID)}
	if f.lang == nil {
		f.lang = languageOf(path)
	}
	if len(text) > maxText {
		text = text[:strings.LastIndexByte(text[:maxText], '\n')+1]
	}
	if strings.IndexByte(text, 0) >= 0 {
		f.lang = languages()[""]
	}
	f.text = text
	return f
}

// NewPart is NewFile for a part of a text in front of which there are so many
// lines.
func NewPart(path, languageID, text string, lines int) *File {
	f := NewFile(path, languageID, text)
	f.base = lines
	return f
}

// Same reports whether f and other are the same part of the same text, which
// their callers know to be of one file.
func (f *File) Same(other *File) bool {
	return f.Path == other.Path && f.lang == other.lang && f.base == other.base && len(f.text) == len(other.text)
}

// parsed returns f once it is read: most files of a directory never are.
func (f *File) parsed() *File {
	f.once.Do(f.read)
	return f
}

func (f *File) read() {
	text := f.text
	f.byName, f.members, f.embeds = map[string][]int32{}, map[member]int32{}, map[string][]int32{}
	var torn []int
	if len(f.cells) > 0 {
		f.masked, torn = f.maskCells()
	} else {
		f.masked, torn = f.lang.mask(text)
	}
	f.cut(torn)
	f.countCells()
	f.below()
	if f.lang.imports != nil {
		f.lang.imports(f)
	}
	f.define()
}

// size bounds the memory that f takes once it is parsed, in bytes.
func (f *File) size() int { return 8*len(f.text) + 4096 }

// cut finds the lines and how far each is indented.
func (f *File) cut(torn []int) {
	f.starts = make([]int32, 1, 16+len(f.text)/32)
	for i := 0; i < len(f.text); { // lines end as LSP has them
		j := strings.IndexByte(f.text[i:], '\n')
		end := len(f.text)
		if j >= 0 {
			end = i + j + 1
		}
		for cr := strings.IndexByte(f.text[i:end], '\r'); cr >= 0 && i+cr+1 < end && f.text[i+cr+1] != '\n'; cr = strings.IndexByte(f.text[i:end], '\r') {
			i += cr + 1
			f.starts = append(f.starts, int32(i))
		}
		if i = end; i < len(f.text) {
			f.starts = append(f.starts, int32(i))
		}
	}
	f.indent = make([]int16, len(f.starts))
	hash := f.lang.name == "c"
	for i := range f.indent {
		f.indent[i] = -1
		for len(torn) > 0 && torn[0] < int(f.starts[i]) {
			torn = torn[1:]
		}
		if len(torn) > 0 && torn[0] == int(f.starts[i]) {
			continue
		}
		code := f.code(i)
		rest := bytes.TrimLeft(code, " \t")
		if len(rest) > 0 && rest[0] != '\n' && rest[0] != '\r' && !(hash && rest[0] == '#') {
			margin := code[:len(code)-len(rest)]
			f.indent[i] = int16(min(len(margin)+3*bytes.Count(margin, []byte("\t")), 1<<14))
		}
	}
}

// below fills next and above.
func (f *File) below() {
	n := len(f.starts)
	f.next, f.above = make([]int32, n), make([]int32, n)
	var open []int32
	for i := range n {
		f.next[i] = int32(n)
		if f.indent[i] < 0 {
			f.above[i] = f.above[max(i-1, 0)]
			continue
		}
		f.above[i] = int32(i)
		for len(open) > 0 && f.indent[open[len(open)-1]] >= f.indent[i] {
			f.next[open[len(open)-1]] = int32(i)
			open = open[:len(open)-1]
		}
		open = append(open, int32(i))
	}
}

func (f *File) bounds(i int) (from, to int) {
	if i+1 < len(f.starts) {
		return int(f.starts[i]), int(f.starts[i+1])
	}
	return int(f.starts[i]), len(f.text)
}

// lineText returns line i with its end.
func (f *File) lineText(i int) string {
	from, to := f.bounds(i)
	return f.text[from:to]
}

// code returns line i without comments and what stands in strings.
func (f *File) code(i int) []byte {
	from, to := f.bounds(i)
	return f.masked[from:to]
}

// isBlank reports whether line i is white space.
func (f *File) isBlank(i int) bool { return strings.TrimSpace(f.lineText(i)) == "" }

// headEnd returns the line on which the header that begins on line i is over:
// where its brackets are closed, but for one that opens a body.
func (f *File) headEnd(i int) int {
	const most = 24 // lines: longer ones are data
	depth := 0
	for j := i; j < len(f.starts) && j < i+most; j++ {
		for _, c := range f.code(j) {
			switch c {
			case '(', '[':
				depth++
			case ')', ']':
				depth--
			}
		}
		if depth <= 0 {
			return j
		}
	}
	return i
}

// bodyEnd returns the last line of what line i opens, by indentation.
func (f *File) bodyEnd(i int) int {
	at := i
	for range 6 { // a header over several lines, a brace on its own line
		end := int(f.next[at])
		if f.indent[at] < 0 || end >= len(f.starts) {
			return int(f.above[end-1])
		}
		line := bytes.TrimSpace(f.code(end))
		closes := f.indent[end] == f.indent[i] && len(line) > 0 && (bytes.IndexByte([]byte("})]{"), line[0]) >= 0 || isEnd(line))
		if !closes {
			return int(f.above[end-1])
		}
		if last := line[len(line)-1]; last != '{' && last != '(' && last != ':' && last != '=' {
			return end
		}
		at = end
	}
	return at
}

func isEnd(line []byte) bool {
	return bytes.HasPrefix(line, []byte("end")) && (len(line) == 3 || line[3] < 'a')
}

// docAbove returns the first of the comment and attribute lines right above
// line i, or i.
func (f *File) docAbove(i int) int {
	const most = 200
	for first := i; i > 0 && i > first-most && f.cellOf(i-1) == f.cellOf(first); i-- {
		if f.indent[i-1] < 0 && !f.isBlank(i-1) {
			continue
		}
		if line := bytes.TrimSpace(f.code(i - 1)); len(line) > 0 && (line[0] == '@' || bytes.HasPrefix(line, []byte("#["))) {
			continue
		}
		break
	}
	return i
}

// eachWord calls yield for each name in line.
func (l *language) eachWord(line []byte, yield func(from, to int)) {
	for i := 0; i < len(line); {
		if !l.inName(line[i]) {
			i++
			continue
		}
		j := i + 1
		for j < len(line) && l.inName(line[j]) {
			j++
		}
		if line[i] < '0' || line[i] > '9' {
			yield(i, j)
		}
		i = j
	}
}

// A token is a name, a number, or one other byte of code.
type token struct {
	text string
	name bool
}

// maxTokens is how much of a line is looked at for what it defines.
const maxTokens = 200

func (f *File) tokens(i int, into []token) []token {
	from, _ := f.bounds(i)
	line := f.code(i)
	for k := 0; k < len(line) && len(into) < maxTokens; {
		c := line[k]
		j := k + 1
		if f.lang.inName(c) {
			for j < len(line) && f.lang.inName(line[j]) {
				j++
			}
			into = append(into, token{f.text[from+k : from+j], c < '0' || c > '9'})
		} else if c > ' ' {
			into = append(into, token{text: f.text[from+k : from+j]})
		}
		k = j
	}
	return into
}
