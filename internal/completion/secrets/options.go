package secrets

import (
	"regexp"
	"sync"
)

// An option is one of one letter behind which some commands take a password.
type option struct{ literal, commands, value string }

// options lists them. The first group of value is the password.
func options() []option {
	const (
		word   = `(?:"([^"\n$]{4,100})"|'([^'\n]{4,100})'|([^\s"'\x60$<>|&;)]{4,100}))`
		person = `["']?[\w.@%\\-]{1,60}:([^\s"'\x60<>]{4,100})`
	)
	return []option{
		{" -p", `mysql\w*|mysqld\w*|mariadb[\w-]*|7z[ar]?`, `^ -p` + word},
		{" -p", `sshpass|login|mongo\w*|(?:-u|-U|--user|--username)[ =]\S+`, `^ -p\s?` + word},
		{" -p", `\S+`, `^ -p\s([A-Za-z]*[A-Za-z]\d+[A-Za-z][\w!@#%^&*]{4,40}|\w+[!@#%^&*][\w!@#%^&*]{4,40})`},
		{" -P", `sqlcmd|bcp|isql|tsql|zip|unzip`, `^ -P\s?` + word},
		{" -a", `redis-cli|keydb-cli|valkey-cli`, `^ -a\s` + word},
		{" -a", `https?|xh`, `^ -a\s` + person},
		{" -w", `ldap\w+|xfreerdp`, `^ -w\s` + word},
		{" -u", `curl|wget|hurl|https?|xh|nats`, `^ -u\s?` + person},
		{" --user", `curl|wget|nats`, `^ --user[ =]` + person},
		{" --proxy-user", `curl`, `^ --proxy-user[ =]` + person},
		{" -pw", `plink|pscp|psftp|putty`, `^ -pw\s` + word},
		{" -U", `smbclient|rpcclient|curl`, `^ -U\s?["']?[\w.@\\/-]{1,60}[%:]([^\s"'\x60<>]{4,100})`},
		{" pass:", `openssl`, `^ pass:([^\s"'\x60$<>]{4,100})`},
		{" -b", `curl`, `^ -b\s["']?(?:\w+=[^;"'\s]*;\s)*\w+=([\w%.-]{16,})`},
	}
}

// optionShapes are the shapes of the options of commands.
func optionShapes() []shape {
	var list []shape
	for _, o := range options() {
		commands := sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?:^|[\s/"'|&;(])(?:` + o.commands + `)\s`) })
		value := password(o.value, anywhere)
		list = append(list, shape{kind: kindPassword, literal: o.literal, find: func(found []hit, text string, at int, s *shape) []hit {
			if with := value(found, text, at, s); len(with) > len(found) && commands().MatchString(lineBefore(text, at)+" ") {
				return with
			}
			return found
		}})
	}
	return list
}
