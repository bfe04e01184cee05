package secrets

import (
	"regexp"
	"sync"
)

// callShapes lists the shapes of passwords without a name, which are recognised by
// the call, the command or the file in which they stand.
func callShapes() []shape {
	const (
		arguments  = `(?:\s{0,8}["'][^"'\n]{0,80}["'],){1,2}\s{0,8}["']([^"'\s]{4,100})["']`
		credential = `^[.\w]{1,40}\(` + arguments
		secured    = `^(?i:ConvertTo-SecureString)\s{1,4}(?:-String\s{1,4}|-AsPlainText\s{1,4}|-Force\s{1,4}){0,3}["']([^"'\n]{4,100})["']`
		fetched    = `^ENV\.fetch\(["']\w{0,40}(?:SECRET|TOKEN|PASS|PWD|KEY)\w{0,40}["']\)\s?\{\s?["']([^"'\n]{4,100})["']`
	)
	var list []shape
	add := func(expression string, starts func(string, int) bool, literals ...string) {
		for _, literal := range literals {
			list = append(list, shape{kind: kindPassword, literal: literal, find: password(expression, starts)})
		}
	}
	add(credential, anywhere, "NetworkCredential(", "PasswordAuthentication(", "PasswordCredentials(", "PasswordCredential(", "PlainAuth(", ".login(")
	add(`^auth=\(["'][^"'\s]{1,60}["'],\s{0,4}["']([^"'\s]{4,100})["']`, anywhere, "auth=(")
	add(fetched, anywhere, "ENV.fetch(")
	add(`^WIFI:(?:[A-Z]:[^;\s]{0,60};){0,4}P:([^;\s]{4,100})`, begins, "WIFI:")
	add(`^:5432:[^:\s]{1,60}:[^:\s]{1,60}:([^:\s"'\x60\\,[\]]{4,100})`, anywhere, ":5432:")
	add(`^:\*:[^:\s]{1,60}:[^:\s]{1,60}:([^:\s"'\x60\\,[\]]{4,100})`, anywhere, ":*:")
	add(`^:thin:[\w.$-]{1,60}/([^\s"'\x60@/]{4,100})@`, anywhere, ":thin:")
	add(`^sqlplus\s{1,4}(?:-\w{1,10}\s{1,4}){0,3}["']?[\w.$-]{1,60}/([^\s"'\x60@/]{4,100})`, begins, "sqlplus")
	add(`^(?i)net use\s[^\n]{1,200}?/user:[^\s"'\x60]{1,60}\s{1,4}([^\s"'\x60\\/*]{4,100})`, begins, "net use")
	for i := range list {
		list[i].fold = list[i].literal == "net use"
	}
	folded := func(expression, literal string, starts func(string, int) bool) {
		list = append(list, shape{kind: kindPassword, literal: literal, fold: true, find: password(expression, starts)})
	}
	folded(secured, "convertto-securestring", begins)
	folded(`^(?i:basicauth)\(\s{0,8}["'][^"'\s]{1,60}["'],\s{0,8}["']([^"'\s]{4,100})["']`, "basicauth", anywhere)
	folded(`^(?i:basic_auth)["']?\s{0,4}[=:]\s{0,4}["']?[\w.@-]{1,60}:([^\s"'\x60]{4,100})`, "basic_auth", anywhere)
	folded(`^(?i:identified\s{1,4}(?:with\s{1,4}\S{1,60}\s{1,4})?(?:by|as)\s{1,4}(?:password\s{1,4})?)'([^'\s]{4,100})'`, "identified", begins)
	for _, network := range []string{"@tcp(", "@tcp6(", "@unix("} { // of the driver of Go for MySQL
		list = append(list, shape{kind: kindPassword, literal: network, find: preceded(`[\w.-]{1,60}:([^\s"'\x60]{4,100})$`)})
	}
	return append(list, shape{kind: kindPassword, literal: "chpasswd", find: preceded(`[\w.-]{1,60}:([^\s"'\x60]{4,100})["']?\s{0,4}\|\s{0,4}(?:sudo\s{1,4})?$`)})
}

// preceded is password for a value that stands before the literal, on its line.
func preceded(expression string) func([]hit, string, int, *shape) []hit {
	compiled := sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
	return func(found []hit, text string, at int, s *shape) []hit {
		line := lineBefore(text, at)
		m := compiled().FindStringSubmatchIndex(line)
		if m == nil {
			return found
		}
		n, value := name{words: true}, line[m[2]:m[3]]
		if !n.quoted(value) && !n.bare(value, ":") {
			return found
		}
		start := at - len(line) + m[2]
		return append(found, hit{Secret{start, start + len(value), s.kind}, rankAssignment})
	}
}

// hashShapes lists the forms in which passwords are kept (crypt(5), the PHC
// string format).
func hashShapes() []shape {
	const sign = `[./A-Za-z0-9]`
	var list []shape
	add := func(expression string, literals ...string) {
		for _, literal := range literals {
			list = append(list, shape{kind: "password hash", literal: literal, find: matching(expression, anywhere)})
		}
	}
	add(`^\$2[abxy]\$\d\d\$`+sign+`{53}`, "$2a$", "$2b$", "$2x$", "$2y$")
	add(`^\$(?:1|apr1)\$`+sign+`{1,8}\$`+sign+`{22}`, "$1$", "$apr1$")
	add(`^\$[56]\$(?:rounds=\d{1,9}\$)?[^$\s:]{1,16}\$`+sign+`{43,86}`, "$5$", "$6$")
	add(`^\$y\$`+sign+`{1,8}\$`+sign+`{1,86}\$`+sign+`{43}`, "$y$")
	add(`^\$argon2(?:id|i|d)\$v=\d{1,3}\$m=\d{1,9},t=\d{1,5},p=\d{1,5}\$[A-Za-z0-9+/]{8,100}\$[A-Za-z0-9+/]{16,200}`, "$argon2")
	return list
}

// discordShapes find the tokens of bots: the bot's number in base64, a time and a
// signature.
func discordShapes() []shape {
	find := matching(`^[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,38}`, begins)
	var list []shape
	for _, start := range []string{"MT", "Mj", "Mz", "ND", "NT", "Nj", "Nz", "OD", "OT"} { // 1 to 9
		for _, second := range "AEIMQUYcgk" { // and the next digit
			list = append(list, shape{kind: "Discord token", literal: start + string(second), find: find})
		}
	}
	return list
}

// mailchimp finds a key before the data center that it ends in.
func mailchimp(found []hit, text string, at int, s *shape) []hit {
	const length = 32
	start, end := at-length, digits.runTo(text, at+len("-us"), at+len("-us")+3)
	if n := end - at - len("-us"); start < 0 || n < 1 || n > 2 || hex.runTo(text, start, at) != at || !begins(text, start) || repeats(text[start:at]) {
		return found
	}
	return append(found, hit{Secret{start, end, s.kind}, rankToken})
}
