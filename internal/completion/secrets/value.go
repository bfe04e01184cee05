package secrets

import (
	"regexp"
	"slices"
	"strings"
	"sync"
)

// quoted reports whether a string looks like a secret and not like a word, a
// sentence, a path or a template.
func (n *name) quoted(s string) bool {
	s = strings.TrimSpace(s)
	if len(s) < 6 || placeholder(s) || template(s) || strings.Contains(s, `:"`) { // a tag of Go
		return false
	}
	switch {
	case strings.ContainsAny(s, " \t\r\n"):
		return n.phrase(s)
	case !letter.in(s):
		return digits.in(s) && len(s) >= 8 && !release().MatchString(s)
	case n.words && strings.ContainsAny(strings.TrimRight(s, "=?"), "!@#$%^&*+=~?"):
		return true
	case strings.ContainsAny(strings.TrimRight(s, "=?!"), "!@#$%^&*+=~?"):
		return digits.in(s) && (len(s) >= 10 || leet(s))
	default:
		return digits.in(s) && !n.plain(s)
	}
}

// surely reports whether s, which looks like a secret, is one also where other strings
// may stand, as among the arguments of a call: what is not a password looks random.
func (n *name) surely(s string) bool { return n.kind == kindPassword || isRandom(s) }

// release is a version, or a number with a fraction.
var release = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\d+(?:\.\d+)+$`) })

// phrase reports whether s, which holds spaces, is a secret and nothing that is
// said about one.
func (n *name) phrase(s string) bool {
	words := strings.Fields(s)
	small, said := 0, false
	for _, word := range words {
		if n.words && inside(word) > 0 && !technical().MatchString(word) {
			return true
		}
		if lower.runTo(word, 0, len(word)) == len(word) {
			small++
		}
		said = said || slices.Contains(sayings(), strings.ToLower(strings.Trim(word, ".,:;!?()'\"")))
	}
	signs := strings.ContainsAny(s, "!@#$%^&*+=~?")
	switch {
	case said || strings.ContainsAny(s, "\n\t") || strings.Contains(s, "-----"):
		return false
	case !n.words:
		return small == len(words) && len(words) >= 12 && len(words)%3 == 0 || // of a wallet (BIP 39)
			signs && digits.in(s) && len(s) >= 20 && entropy(s) >= 4
	case len(words) > 12:
		return false
	default:
		return digits.in(s) && !(upper.has(s[0]) && numbered().MatchString(s)) || signs && !strings.HasSuffix(s, "?") && !strings.HasSuffix(s, "!") || small == len(words) && len(words) >= 4
	}
}

// numbered is a sentence that only counts something.
var numbered = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[^\d]*\b\d{1,4}\b[^\d]*$`) })

// sayings are words of sentences about secrets, which passwords hardly hold.
func sayings() []string {
	return strings.Fields(`a an the your my our you we i it this that is are was be been must should may can cannot can't don't does do not no
		and or to for of in on at by from with without as if than then when only also please enter type choose set reset change show hide
		confirm repeat again forgot forgotten invalid incorrect wrong required missing empty expired failed weak strong short long too least most
		new old current password passwords passphrase passcode passwd pass pwd secret secrets token tokens key keys user username email login log sign
		characters letters digits length match mismatch field value default optional error string hash hashed encrypted none used use using get`)
}

// bare is quoted for a value without quotes, which follows sep.
func (n *name) bare(s, sep string) bool {
	if len(s) < 6 || placeholder(s) || template(s) || strings.ContainsAny(s, "()[]{};,|") {
		return false
	}
	tight := sep == "="
	switch {
	case !digits.in(s):
		return tight && len(s) >= 12 && entropy(s) >= 3 && !strings.Contains(s, ".") || padded(s)
	case !letter.in(s):
		return tight && len(s) >= 8
	case tight, strings.Contains(sep, ":") && !strings.Contains(sep, "="):
		return !n.plain(s)
	default:
		return n.words && digits.in(s) && len(s) >= 8 && strings.ContainsAny(s, "!@#$^") || isRandom(s) && len(s) >= 32 && radix64.runTo(s, 0, len(s)) == len(s) ||
			len(s) >= 12 && !n.plain(s) && !strings.Contains(strings.ToLower(s), n.word) && entropy(s) >= 3 && (!programName().MatchString(s) || leet(s))
	}
}

// padded reports whether s is base64 that ends in the sign for it.
func padded(s string) bool {
	body := strings.TrimRight(s, "=")
	return len(s)%4 == 0 && len(s)-len(body) > 0 && len(s)-len(body) < 3 && radix64.runTo(body, 0, len(body)) == len(body) && lower.in(body) && upper.in(body)
}

// leet reports whether digits stand between letters in s at two places, as in
// hardly any name of a program.
func leet(s string) bool {
	groups := inside(s)
	return groups >= 2 || groups > 0 && s != "" && digits.has(s[0])
}

// inside returns how many groups of digits stand between letters in s.
func inside(s string) int {
	groups := 0
	for i := 1; i+1 < len(s); i++ {
		if digits.has(s[i]) && letter.has(s[i-1]) {
			if end := digits.run(s, i); end < len(s) && letter.has(s[end]) {
				groups++
			}
		}
	}
	return groups
}

var namePattern = sync.OnceValue(func() *regexp.Regexp {
	// Words with a number behind them or between them: oauth2, utf-8, sha256.
	return regexp.MustCompile(`^(?:[A-Za-z]{2,}[-_./:]?\d{0,3}[-_./:]?){2,}$|^[A-Za-z][a-z]*[-_]?\d{1,2}$|^(?i:sha|md|aes|utf|oauth|base|rsa|rs|hs|es|ps|x)-?\d+`)
})

// programName is what a program calls something, with a number behind it.
var programName = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[A-Za-z_$*&](?:[\w$]*[A-Za-z_])?(?:\.[A-Za-z_]\w*)*\d{0,4}$`)
})

// technical is how words for algorithms and formats begin.
var technical = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?i:sha|md|aes|utf|oauth|base|rsa|rs|hs|es|ps|x|ipv?|http|pkcs|ed|latin|p|v)\d`)
})

// plain reports whether s is made of words, as names are. For a password people
// take just that, with a number behind it.
func (n *name) plain(s string) bool {
	if n.words || len(s) > 40 || leet(s) {
		return false
	}
	if technical().MatchString(s) && len(s) < 12 {
		return true
	}
	count := 0
	for i := range len(s) {
		if digits.has(s[i]) {
			count++
		}
	}
	return count*4 <= len(s) && count <= 3 && namePattern().MatchString(s) && entropy(s) < 4
}

// template reports whether s is filled in, looked up or a path.
func template(s string) bool {
	for _, start := range []string{"$", "%", "<", "{", "#{", "/", "./", "../", "~/", "@", "^", "+", "[", "' ", "\\", "data:", "0x"} {
		if strings.HasPrefix(s, start) {
			return true
		}
	}
	for _, part := range []string{"${", "{{", "$(", "<%", "%s", "%d", "%v", "%q", "{0}", "{}", "#{", "://", "()", "->", `\u`, "environ", "process.env", "getenv", "secrets.", "arn:aws", "vault:", "ENV["} {
		if strings.Contains(s, part) {
			return true
		}
	}
	return false
}

// placeholder reports whether s stands for a secret without being one.
func placeholder(s string) bool {
	s = strings.ToLower(s)
	for _, part := range []string{"changeme", "change-me", "change_me", "placeholder", "redacted", "your", "example", "xxxx", "****", "...", "…", "<", "${", "{{", "insert", "replace", "dummy", "not-needed", "no-key"} {
		if strings.Contains(s, part) {
			return true
		}
	}
	switch strings.Trim(s, "0123456789") {
	case "password", "passwd", "pass", "secret", "token", "test", "key", "apikey", "null", "none", "nil", "true", "false", "undefined", "string", "empty":
		return true
	}
	return repeats(s)
}

// isRandom reports whether s is as long and as mixed as what a program generates at
// random.
func isRandom(s string) bool {
	letters, count := 0, 0
	for i := range len(s) {
		if letter.has(s[i]) {
			letters++
		}
		if digits.has(s[i]) {
			count++
		}
	}
	return len(s) >= 16 && letters > 1 && count > 0 && (count > 3 || lower.in(s) && upper.in(s)) && entropy(s) >= 3 && !strings.ContainsAny(s, " \t") && !(strings.Contains(s, "/") && strings.Contains(s, "."))
}
