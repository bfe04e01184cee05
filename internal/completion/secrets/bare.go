package secrets

import (
	"regexp"
	"slices"
	"strings"
	"sync"
)

// bareValue returns a value without quotes, as files of settings have it. In a
// program it would be a name, so it has to stand alone: on its line, in a query,
// a header or a connection string, before a command or behind an option.
func (n *name) bareValue(at int, sep string) (start, end int) {
	line := lineFrom(n.text, at)
	cut := " \t\"'`<>"
	alone, quoted := false, false // with nothing behind it, or with a quote
	switch _, begins := n.beginsLine(); {
	case n.before("?&"):
		cut += "&#)"
	case n.inConnection(at):
		return n.connectionValue(at, line)
	case n.before("\"'"):
		quoted = true
	case n.option():
	case sep == "=" && (n.variable() || n.inOption() || strings.HasPrefix(n.text[n.start:n.end], "ansible_")):
	case begins:
		alone = true
	case n.inMapping() && strings.HasPrefix(sep, ":"):
		cut += ",}"
		if !leet(line[:cutAt(line, cut)]) {
			return 0, 0
		}
	default:
		return 0, 0
	}
	length := cutAt(line, cut)
	switch tail := strings.TrimSpace(line[length:]); {
	case quoted && (tail == "" || tail[0] != n.text[n.start-1]),
		alone && tail != "" && tail[0] != '#',
		!n.bare(line[:length], sep) && !(alone && strings.TrimSpace(sep) == "=" && n.inSection() && n.bare(line[:length], ":")):
		return 0, 0
	}
	return at, at + length
}

// lineFrom returns the rest of the line from at on. A line end may be written
// out in a literal.
func lineFrom(text string, at int) string {
	line := text[at:min(len(text), at+512)]
	for _, end := range []string{"\n", "\r", `\n`, `\r`, `\"`, `\'`} {
		line, _, _ = strings.Cut(line, end)
	}
	return line
}

// lineBefore returns the line up to at, or its last bytes.
func lineBefore(text string, at int) string {
	line := text[max(0, at-200):at]
	line = line[strings.LastIndexByte(line, '\n')+1:]
	if i := strings.LastIndex(line, `\n`); i >= 0 {
		line = line[i+2:]
	}
	return line
}

// cutAt returns where the first of the bytes stands in s, or its length.
func cutAt(s, bytes string) int {
	if i := strings.IndexAny(s, bytes); i >= 0 {
		return i
	}
	return len(s)
}

// beginsLine reports whether nothing of weight stands before the name on its
// line, and returns the directive there: ENV, export.
func (n *name) beginsLine() (directive string, ok bool) {
	line := strings.TrimLeft(lineBefore(n.text, n.start), " \t\r#;/*>:-")
	line = strings.TrimRight(line, " \t\"'")
	if option := strings.LastIndex(line, " -"); option > 0 && strings.HasPrefix(line, "set ") {
		line = line[:option]
	}
	switch line {
	case "", "export", "set", "setx", "setenv", "SetEnv", "ENV", "ARG", "env", "Environment=", "fastcgi_param", "uwsgi_param", "proxy_set_header":
		return line, true
	}
	return "", strings.HasSuffix(line, ":") && n.before(":") && strings.HasPrefix(lineBefore(n.text, n.start), "//") // of .npmrc
}

// option reports whether the name is an option of a command line.
func (n *name) option() bool {
	s := n.text[n.start:n.end]
	return len(s) > 2 && s[0] == '-' && (s[1] == '-' || letter.has(s[1])) && (n.start == 0 || n.before(" \t\n\"'`"))
}

// inOption reports whether the name is in what an option of a command line takes:
// --env=NAME=…, --build-arg NAME=….
func (n *name) inOption() bool {
	before := lineBefore(n.text, n.start)
	word := before[strings.LastIndexAny(before, " \t\"'")+1:]
	if word != "" {
		return word[0] == '-' && strings.HasSuffix(word, "=")
	}
	before = strings.TrimRight(before, " \t\"'")
	word = before[strings.LastIndexAny(before, " \t")+1:]
	return len(word) > 1 && word[0] == '-' && len(word) < len(before)
}

// inSection reports whether the name is below the title of a section, as in files
// that have lines such as [database].
func (n *name) inSection() bool {
	const most = 12
	before := n.text[max(0, n.start-1000):n.start]
	for range most {
		i := strings.LastIndexByte(before, '\n')
		if i < 0 {
			return false
		}
		before = before[:i]
		line := strings.TrimSpace(before[strings.LastIndexByte(before, '\n')+1:])
		switch {
		case line == "" || line[0] == '#' || line[0] == ';':
		case line[0] == '[' && line[len(line)-1] == ']':
			return !strings.ContainsAny(line, "()\",")
		case !strings.Contains(line, "="):
			return false
		}
	}
	return false
}

// variable reports whether the name is one of a shell's variables, which may be
// set for one command.
func (n *name) variable() bool {
	return (n.start == 0 || n.before(" \t\n")) && !lower.in(n.text[n.start:n.end]) && !dash.in(n.text[n.start:n.end])
}

// inMapping reports whether the name is a key in a mapping of YAML that is
// written on one line.
func (n *name) inMapping() bool {
	before := strings.TrimRight(lineBefore(n.text, n.start), " ")
	return strings.HasSuffix(before, "{") && !strings.HasSuffix(before, "${") || strings.HasSuffix(before, ",") && strings.Contains(before, "{")
}

var connectionKey = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)(?:^|[;"'\s:{?])(?:server|data source|host|hostaddr|addr|address|uid|user id|user|username|database|initial catalog|dbname|driver|dsn|endpoint|encrypt|port|sslmode)\s?=\s?[^\s=]`)
})

// inConnection reports whether the name is one of several of a connection
// string: Server=db;Uid=app;Pwd=…, host=db user=app password=….
func (n *name) inConnection(at int) bool {
	if n.start == 0 || !n.before("; \t\"'") || n.text[at-1] != '=' && !strings.HasPrefix(n.text[n.end:], "=") {
		return false
	}
	before := strings.TrimRight(lineBefore(n.text, n.start), " \t")
	return strings.HasSuffix(before, ";") && connectionKey().MatchString(before) ||
		!strings.HasSuffix(before, ",") && !strings.HasSuffix(before, ";") && connectionPair().MatchString(before) ||
		n.before("\"'") && connectionKey().MatchString(lineFrom(n.text, at))
}

// connectionPair is a key with its value before a space.
var connectionPair = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?:^|[\s"':])(?:host|hostaddr|user|dbname|port|sslmode|server|uid|username|database)=[^\s,;]+$`)
})

// connectionValue returns the value at in a connection string, of which line is
// the rest.
func (n *name) connectionValue(at int, line string) (start, end int) {
	switch length := cutAt(line, " ;\"'`<>&,)"); {
	case strings.HasPrefix(line, "{"):
		if i := strings.IndexByte(line, '}'); i > 1 && n.quoted(line[1:i]) {
			return at + 1, at + i
		}
	case strings.HasPrefix(line, "'"):
		return n.stringAt(at)
	case n.bare(line[:length], "="):
		return at, at + length
	}
	return 0, 0
}

// spaced returns the value at if only space parts it from the name: in C's
// #define, in Lisp, in SQL, behind an option, in files of some programs.
func (n *name) spaced(at int) (start, end int) {
	if n.text[at] == '(' || strings.ContainsAny(n.text[at:min(len(n.text), at+3)], "\"'`") {
		if start, end = n.stringAt(n.skip(at)); n.kind != kindPassword && !isRandom(n.text[start:end]) {
			return 0, 0
		}
		return start, end
	}
	s := n.text[n.start:n.end]
	directive, begins := n.beginsLine()
	line := lineFrom(n.text, at)
	if !begins && !n.option() && s != "password" && s != "secret" && !strings.HasPrefix(line, "is ") {
		return 0, 0
	}
	if n.words && strings.HasPrefix(line, "is ") { // in a comment
		at += len("is ")
		word := strings.TrimRight(line[len("is "):][:cutAt(line[len("is "):], " \t\"'`<>;,()")], ".!?:")
		if len(word) < 6 || inside(word) == 0 || technical().MatchString(word) {
			return 0, 0
		}
		return at, at + len(word)
	}
	if len(line) > 2 && digits.has(line[0]) && line[1] == ' ' { // Cisco's kinds of encryption
		line, at = line[2:], at+2
	}
	word := line[:cutAt(line, " \t\"'`<>;")]
	tail := strings.TrimLeft(strings.TrimSpace(line[len(word):]), ";")
	switch {
	case n.option():
	case directive != "" && tail == "":
	case begins && tail == "" && (strings.Contains(s, ".") || slices.Contains([]string{"requirepass", "masterauth", "bindpw", "rootpw"}, strings.ToLower(s))):
	case (s == "password" || s == "secret") && account().MatchString(n.text[max(0, n.start-200):n.start]): // ftp's .netrc
	default:
		return 0, 0
	}
	if !n.bare(word, ":") {
		return 0, 0
	}
	return at, at + len(word)
}

var account = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?:^|\s)(?:(?:login|user|username|account)\s+\S+|enable)\s+$`)
})
