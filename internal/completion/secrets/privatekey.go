package secrets

import (
	"regexp"
	"strings"
	"sync"
)

// longestKey bounds a private key: one of 16,384 bits has 13 KB, a PGP key with
// many subkeys more.
const longestKey = 64 << 10

// A boundary is a line such as "-----BEGIN RSA PRIVATE KEY-----" (RFC 7468,
// with the labels of OpenSSL, OpenSSH and OpenPGP, and the four dashes of
// SSH2). What may stand in a literal keeps its form.
var boundary = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?i:(?:BEGIN|END) (?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)?) ?-{2,5}`)
})

// keyBegins finds a private key that begins here: up to its end, or as far as
// lines look like one.
func keyBegins(found []hit, text string, at int, s *shape) []hit {
	start, body, ok := boundaryAt(text, at)
	if !ok || within(found, at) {
		return found
	}
	end := body + bodyAfter(text[body:min(len(text), body+longestKey)])
	if whole := wholeKey(text, body); whole > 0 {
		end = whole
	}
	if end == body {
		return found // a program that speaks of keys
	}
	return append(found, hit{Secret{start, end, s.kind}, rankPrivateKey})
}

// keyEnds finds a private key of which only the end is here. If its beginning
// is here as well, that found it.
func keyEnds(found []hit, text string, at int, s *shape) []hit {
	_, end, ok := boundaryAt(text, at)
	if !ok {
		return found
	}
	dashes := strings.LastIndexFunc(text[:at], func(r rune) bool { return r != '-' && r != ' ' }) + 1
	start := bodyBefore(text[max(0, dashes-longestKey):dashes])
	if start == 0 {
		return found
	}
	return append(found, hit{Secret{dashes - start, end, s.kind}, rankPrivateKey})
}

// boundaryAt returns the borders of the boundary whose word begins at.
func boundaryAt(text string, at int) (start, end int, ok bool) {
	start = at
	if start > 0 && text[start-1] == ' ' {
		start--
	}
	dashes := 0
	for start > 0 && text[start-1] == '-' && dashes < 5 {
		start--
		dashes++
	}
	if dashes < 2 {
		return 0, 0, false
	}
	m := boundary().FindStringIndex(text[at:min(len(text), at+100)])
	if m == nil {
		return 0, 0, false
	}
	return start, at + m[1], true
}

// wholeKey returns the end of the key whose body begins at body, 0 if there is
// no end, or if what stands between is mostly something else.
func wholeKey(text string, body int) int {
	rest := text[body:min(len(text), body+longestKey)]
	const headers = 400 // and the first line
	if !holdsLine(rest[:min(len(rest), headers)]) {
		return 0
	}
	for from := 0; ; {
		i := strings.Index(rest[from:], "-END ")
		if i < 0 {
			if i = strings.Index(rest[from:], "- END "); i < 0 {
				return 0
			}
			i++
		}
		word := body + from + i + 1
		if _, end, ok := boundaryAt(text, word); ok {
			if !mostlyKey(rest[:from+i]) {
				return 0
			}
			return end
		}
		from += i + 1
	}
}

// holdsLine reports whether s holds a long word of base64.
func holdsLine(s string) bool {
	for i := 0; i < len(s); i++ {
		end := keySigns.run(s, i)
		if end-i >= shortestLine {
			return true
		}
		i = end
	}
	return false
}

// mostlyKey reports whether more than half of what can be seen in s are long
// words of base64.
func mostlyKey(s string) bool {
	seen, key := 0, 0
	for i := 0; i < len(s); {
		if end := keySigns.run(s, i); end > i {
			seen += end - i
			if end-i >= shortestLine {
				key += end - i
			}
			i = end
			continue
		}
		if s[i] > ' ' && s[i] != '-' {
			seen++
		}
		i++
	}
	return key*2 > seen
}

const (
	keySigns = radix64 | equals
	// shortestLine is how much base64 makes a line of a key. The last line may
	// be shorter.
	shortestLine = 16
	// longestLine is for keys that were written without line ends.
	longestLine = 16 << 10
)

// keyLine is what the lines of a private key look like, also as parts of
// literals and comments: headers (RFC 1421, RFC 4880), base64, a check sum.
var keyLine = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile("^[\\s\"'`+,.;\\\\/*#|>()-]*(?:" +
		`([A-Za-z0-9+/]{16,}={0,2})|([A-Za-z0-9+/]{1,15}={0,2}|=[A-Za-z0-9+/]{4})|(?:(?:Proc-Type|DEK-Info|Version|Comment|Hash|Charset|MessageID|Subject|x-[\w-]+): .*)` +
		")?[\\s\"'`+,;\\\\)]*$")
})

// The groups of keyLine, as indexes into a match.
const (
	lineBase64 = 2
	lineShort  = 4
)

// bodyAfter returns how much of text, which follows the beginning of a key,
// belongs to it: 0 if no line of base64 comes.
func bodyAfter(text string) int {
	end, at := 0, 0
	for at < len(text) {
		length, next := pieceLength(text[at:])
		m := keyLine().FindStringSubmatchIndex(text[at : at+length])
		switch {
		case m == nil:
			return end
		case m[lineBase64] >= 0:
			end = at + m[lineBase64+1]
		case m[lineShort] >= 0 && end > 0:
			return at + m[lineShort+1]
		case m[lineShort] >= 0:
			return 0
		}
		at += next
	}
	return end
}

// bodyBefore returns how much of text, which precedes the end of a key, belongs
// to it: 0 if no line of base64 does.
func bodyBefore(text string) int {
	size, at := 0, len(text)
	for lines := 0; at > 0; lines++ {
		start, next := pieceStart(text[:at])
		m := keyLine().FindStringSubmatchIndex(text[start:at])
		switch {
		case m == nil:
			// A selection may begin in the middle of a line, but then nothing
			// else stands in front of it.
			return size
		case m[lineBase64] >= 0:
			size = len(text) - (start + m[lineBase64])
		case m[lineShort] >= 0 && lines > 2:
			return size
		}
		at = next
	}
	return size
}

// pieceLength returns the length of the first line of text, and where the next
// begins. A line end may be written out, as in JSON.
func pieceLength(text string) (length, next int) {
	for i := range min(len(text), longestLine) {
		switch {
		case text[i] == '\n':
			return i, i + 1
		case text[i] == '\\' && i+1 < len(text) && (text[i+1] == 'n' || text[i+1] == 'r'):
			return i, i + 2
		}
	}
	return min(len(text), longestLine), min(len(text), longestLine)
}

// pieceStart returns where the last line of text begins, and where the one
// before it ends.
func pieceStart(text string) (start, next int) {
	for i := len(text) - 1; i >= max(0, len(text)-longestLine); i-- {
		switch {
		case text[i] == '\n':
			return i + 1, i
		case text[i] == '\\' && i+1 < len(text) && (text[i+1] == 'n' || text[i+1] == 'r'):
			return i + 2, i
		}
	}
	return max(0, len(text)-longestLine), max(0, len(text)-longestLine)
}

var puttyBlock = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^Private-Lines: *\d+\s*(?:[A-Za-z0-9+/=]+\s+)*(?:Private-MAC: *[0-9A-Fa-f]+)?`)
})

// puttyLines finds the private part of a key of PuTTY.
func puttyLines(found []hit, text string, at int, s *shape) []hit {
	m := puttyBlock().FindStringIndex(text[at:min(len(text), at+longestKey)])
	if m == nil || m[1] < len("Private-Lines: 1")+shortestLine {
		return found
	}
	return append(found, hit{Secret{at, at + len(strings.TrimRight(text[at:at+m[1]], " \t\r\n")), s.kind}, rankPrivateKey})
}

// puttyMAC is puttyLines for one of which only the end is here.
func puttyMAC(found []hit, text string, at int, s *shape) []hit {
	size := 0
	if at > 0 && text[at-1] == '\n' {
		size = bodyBefore(text[max(0, at-longestKey):at])
	}
	if size == 0 {
		return found
	}
	return append(found, hit{Secret{at - size, at, s.kind}, rankPrivateKey})
}
