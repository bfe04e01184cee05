package safety

import (
	"bytes"
	"unicode/utf8"
)

// maxURL is how long a URL may wait for its end: what servers and proxies take.
const maxURL = 2 << 10

// A target reads an address byte by byte and takes only what every parser reads in
// the same way: http or https, a host by name or number without user and
// password, and of what follows only characters that mean nothing to Markdown. A
// title may stand behind it, in quotation marks and of such characters, too.
type target struct {
	text  []byte
	stage urlStage
	host  int  // where it begins in text
	path  int  // where it ends, with the port
	end   int  // where the address ends, if there is a title
	quote byte // that the title ends with
	depth int  // parentheses that are open
}

type urlStage uint8

const (
	urlScheme urlStage = iota
	urlHost
	urlPort
	urlPath
	urlGap   // before the title
	urlTitle // up to its end
	urlDone
)

func (u *target) reset() { *u = target{text: u.text[:0]} }

// next reports whether c may follow, and if so takes it.
func (u *target) next(c byte) bool {
	if len(u.text) >= maxURL || !u.allows(c) {
		return false
	}
	u.text = append(u.text, c)
	return true
}

func (u *target) allows(c byte) bool {
	switch u.stage {
	case urlScheme:
		return u.scheme(c)
	case urlHost:
		switch {
		case isAlnum(c), (c == '.' || c == '-') && len(u.text) > u.host:
			return true
		case c == ':' && len(u.text) > u.host:
			u.stage = urlPort
			return true
		}
		return u.enterPath(c)
	case urlPort:
		return isDigit(c) || u.enterPath(c)
	case urlPath:
		return u.inPath(c)
	case urlGap:
		u.stage, u.quote = urlTitle, c
		return c == '"' || c == '\''
	case urlTitle:
		if c == u.quote {
			u.stage = urlDone
			return true
		}
		return isAlnum(c) || c >= utf8.RuneSelf || bytes.IndexByte([]byte(" -.:/?#@!+,;=%"), c) >= 0
	default:
		return false
	}
}

// enterTitle reports whether a title may follow.
func (u *target) enterTitle() bool {
	if u.stage > urlPath || u.depth > 0 || len(u.authority()) == 0 {
		return false
	}
	if u.stage != urlPath {
		u.path = len(u.text)
	}
	u.end, u.stage = len(u.text), urlGap
	return true
}

// scheme takes "http://" and "https://".
func (u *target) scheme(c byte) bool {
	const plain, secure = "http://", "https://"
	i := len(u.text)
	taken := string(u.text)
	switch {
	case i < len(plain) && taken == plain[:i] && c == plain[i]:
		i++
		if i == len(plain) {
			u.stage, u.host = urlHost, i
		}
		return true
	case i < len(secure) && taken == secure[:i] && c == secure[i]:
		i++
		if i == len(secure) {
			u.stage, u.host = urlHost, i
		}
		return true
	}
	return false
}

func (u *target) enterPath(c byte) bool {
	if len(u.text) == u.host || c != '/' && c != '?' && c != '#' {
		return false
	}
	u.stage, u.path = urlPath, len(u.text)
	return true
}

func (u *target) inPath(c byte) bool {
	switch c {
	case '(':
		u.depth++
		return true
	case ')':
		u.depth--
		return u.depth >= 0
	}
	return isAlnum(c) || bytes.IndexByte([]byte("-._~:/?#@!&*+,;=%"), c) >= 0
}

// address returns what is no title.
func (u *target) address() []byte {
	if u.stage > urlPath {
		return u.text[:u.end]
	}
	return u.text
}

// authority returns host and port; it is empty if the URL is not whole.
func (u *target) authority() []byte {
	switch u.stage {
	case urlHost, urlPort:
		return u.text[u.host:]
	case urlPath, urlDone:
		return u.text[u.host:u.path]
	default:
		return nil
	}
}

// isCoded reports whether viewers may show another host than the one it names.
func (u *target) isCoded() bool {
	host := u.authority()
	for ; len(host) >= len(punycode); host = host[1:] {
		if host[0]|0x20 == 'x' && host[1]|0x20 == 'n' && host[2] == '-' && host[3] == '-' {
			return true
		}
	}
	return false
}

// bracket keeps "![" from being an image, whatever follows, and "[[" from being
// a link in a wiki.
func (m *markdown) bracket() {
	m.skewed, m.unclosed = true, m.defines
	if m.prev == '!' || m.prev == '[' {
		m.bend()
		m.put(`\[`)
		m.prev = '['
	} else {
		if m.depth++; m.depth == 1 {
			m.bent = m.bent && m.doubt
		}
		m.pass('[')
	}
	m.name, m.named = m.name[:0], true
}

func (m *markdown) bend() { m.bent = m.bent || m.depth > 0 || m.doubt }

// link passes on the link that waited, and shows its host.
func (m *markdown) link() {
	open, end := "<", ">"
	if m.wait == waitLink {
		open, end = "](", ")"
		if !m.showsHost() {
			m.out = append(m.out, " ("...)
			m.out = append(m.out, m.url.authority()...)
			m.out = append(m.out, ')')
		}
	}
	m.wait = waitNone
	m.put(open)
	m.out = append(m.out, m.url.text...)
	m.put(end)
	m.glued, m.host = true, false // if there was no "[", the URL is text
}

// showsHost reports whether the text of the link that waits shows where it
// leads: the whole URL, the host alone, or what link adds.
func (m *markdown) showsHost() bool {
	if !m.named {
		return false
	}
	host := m.url.authority()
	if bytes.Equal(m.name, m.url.address()) || bytes.Equal(m.name, host) {
		return true
	}
	rest, ok := bytes.CutSuffix(m.name, []byte(")"))
	if !ok {
		return false
	}
	rest, ok = bytes.CutSuffix(rest, host)
	return ok && bytes.HasSuffix(rest, []byte(" ("))
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func isAlnum(c byte) bool { return isLetter(c) || isDigit(c) }

func isBlank(c byte) bool { return c == ' ' || c == '\t' }
