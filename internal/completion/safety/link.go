package safety

import "bytes"

// maxURL is how long a URL may wait for its end: what servers and proxies take.
const maxURL = 2 << 10

// A target reads an address byte by byte and takes only what every parser reads in
// the same way: http or https, a host by name or number without user and
// password, and of what follows only characters that mean nothing to Markdown.
type target struct {
	text  []byte
	stage urlStage
	host  int // where it begins in text
	path  int // where it ends, with the port
	depth int // parentheses that are open
}

type urlStage uint8

const (
	urlScheme urlStage = iota
	urlHost
	urlPort
	urlPath
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
	default:
		return u.inPath(c)
	}
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

// authority returns host and port; it is empty if the URL is not whole.
func (u *target) authority() []byte {
	switch u.stage {
	case urlHost, urlPort:
		return u.text[u.host:]
	case urlPath:
		return u.text[u.host:u.path]
	default:
		return nil
	}
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func isAlnum(c byte) bool { return isLetter(c) || isDigit(c) }

func isBlank(c byte) bool { return c == ' ' || c == '\t' }
