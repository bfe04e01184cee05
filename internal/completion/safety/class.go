package safety

// A class is a set of the parts of a Sanitizer that have to look at a byte.
type class uint8

const (
	hidden     class = 1 << iota // runes
	completing                   // modelines
	acting                       // markdown, within a line of text
)

// classes are those of each byte. Most bytes of most texts have none.
var classes = func() (of [256]class) { //nolint:gochecknoglobals // never changes
	for c := range of {
		if c >= 0x7F || c < ' ' && c != '\n' && c != '\t' {
			of[c] = hidden
		}
	}
	for _, c := range []byte(":-({") { // "{" may come out as "("
		of[c] |= completing
	}
	for _, c := range []byte("\n\\`![]<|$/.:@*_~-") {
		of[c] |= acting
	}
	return of
}()

// classify returns the classes of all bytes of p.
func classify(p []byte) class {
	var all class
	for _, c := range p {
		all |= classes[c]
	}
	return all
}
