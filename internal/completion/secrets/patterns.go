package secrets

import (
	"encoding/base64"
	"math"
	"regexp"
	"strings"
	"sync"
)

// tokenShapes lists the tokens that are told by their first letters, as their
// providers document them. Where a provider promises no length, min is what its
// tokens were seen to have, less a little.
func tokenShapes() []shape { //nolint:funlen // a table, by provider
	var list []shape
	add := func(kind string, s set, least, most int, literals ...string) {
		for _, literal := range literals {
			list = append(list, shape{kind: kind, literal: literal, set: s, min: least, max: most, find: token})
		}
	}
	// Clouds
	for _, prefix := range []string{"AKIA", "ASIA", "ABIA", "ACCA"} {
		list = append(list, shape{kind: "AWS access key", literal: prefix, set: upper | digits, min: 16, max: 16, find: awsKey})
	}
	add("Google API key", dashed, 35, 35, "AIza")
	add("Google OAuth token", dashed|dot, 20, 0, "ya29.", "1//0")
	add("Google client secret", dashed, 20, 40, "GOCSPX-")
	add("DigitalOcean token", hex, 64, 64, "dop_v1_", "doo_v1_", "dor_v1_")
	add("Alibaba access key", alnum, 12, 30, "LTAI")
	add("Tencent access key", alnum, 32, 32, "AKID")
	add("Heroku key", dashed, 36, 80, "HRKU-")
	add("Fly.io token", radix64|equals|underscore|dash, 40, 0, "fm1_", "fm2_", "fo1_")
	add("Supabase key", word, 20, 80, "sbp_", "sb_secret_")
	add("PlanetScale token", dashed|dot, 30, 64, "pscale_tkn_", "pscale_pw_", "pscale_oauth_")
	add("Databricks token", hex, 32, 32, "dapi")
	// Code and packages
	add("GitHub token", alnum, 36, 255, "ghp_", "gho_", "ghu_", "ghr_")
	// Longer ones hold a JWT.
	add("GitHub token", dashed|dot, 36, 0, "ghs_")
	add("GitHub token", word, 22, 255, "github_pat_")
	add("GitLab token", dashed|dot, 20, 300, "glpat-", "glptt-", "gldt-", "glrt-", "glcbt-", "glft-", "glsoat-", "glimt-", "glagent-", "gloas-", "glffct-")
	add("GitLab token", dashed, 20, 20, "GR1348941")
	add("Bitbucket token", dashed|equals, 100, 300, "ATBB", "ATCTT3xFfG")
	add("Atlassian token", dashed|equals, 100, 300, "ATATT3xFfG")
	add("npm token", alnum, 36, 36, "npm_")
	add("PyPI token", dashed, 50, 0, "pypi-AgE")
	add("RubyGems token", hex, 48, 48, "rubygems_")
	add("Docker token", dashed, 20, 64, "dckr_pat_", "dckr_oat_")
	add("crates.io token", alnum, 32, 36, "cio")
	add("Sentry token", radix64|underscore|dash|equals, 40, 300, "sntrys_", "sntryu_")
	// Models
	add("Anthropic key", dashed, 20, 0, "sk-ant-")
	list = append(list, shape{kind: "OpenAI key", literal: "sk-", set: dashed, min: 20, max: 300, find: openAIKey})
	add("Hugging Face token", alnum, 30, 64, "hf_", "api_org_")
	add("Groq key", alnum, 40, 64, "gsk_")
	add("xAI key", alnum, 60, 100, "xai-")
	add("Replicate token", alnum, 30, 48, "r8_")
	add("Perplexity key", alnum, 32, 64, "pplx-")
	add("NVIDIA key", dashed, 50, 80, "nvapi-")
	// Talk and mail
	add("Slack token", dashed, 10, 300, "xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-", "xoxe-", "xoxe.xox", "xapp-")
	add("SendGrid key", dashed|dot, 50, 80, "SG.")
	add("Mailgun key", hex|dash, 32, 50, "key-")
	add("Mailchimp key", dashed, 22, 40, "md-")
	add("Sendinblue key", hex|dash|alnum, 64, 100, "xkeysib-")
	// Money and shops
	add("Stripe key", alnum, 10, 255, "sk_live_", "sk_test_", "rk_live_", "rk_test_", "sk_prod_", "rk_prod_")
	add("Stripe webhook secret", radix64|equals, 24, 64, "whsec_")
	add("Shopify token", hex|upperHex, 32, 32, "shpat_", "shpca_", "shppa_", "shpss_")
	add("Square token", dashed, 22, 60, "sq0atp-", "sq0csp-", "sq0idp-")
	add("Shippo token", hex, 40, 40, "shippo_live_", "shippo_test_")
	// Running things
	add("HashiCorp Vault token", dashed|dot, 24, 0, "hvs.", "hvb.", "hvr.")
	add("Terraform Cloud token", dashed, 60, 70, ".atlasv1.")
	add("age key", upper|digits, 58, 58, "AGE-SECRET-KEY-1")
	add("Doppler token", alnum|dot|underscore|dash, 40, 64, "dp.pt.", "dp.st.", "dp.sa.", "dp.ct.")
	add("1Password token", radix64|underscore|dash|equals, 100, 0, "ops_eyJ")
	add("Grafana token", radix64|equals|underscore, 32, 400, "glc_", "glsa_")
	add("New Relic key", alnum, 27, 27, "NRAK-")
	add("Dynatrace token", alnum|dot, 80, 100, "dt0c01.")
	add("Tailscale key", alnum|dash, 20, 80, "tskey-")
	add("Linear key", alnum, 40, 40, "lin_api_", "lin_oauth_")
	add("Notion token", alnum, 40, 50, "ntn_", "secret_")
	add("Figma token", dashed, 40, 60, "figd_")
	add("Postman key", hex|dash, 50, 64, "PMAK-")
	for c := range "0123456789abcdef" { // a literal needs three bytes
		add("Twilio key", hex, 31, 31, "SK"+"0123456789abcdef"[c:c+1])
	}
	return list
}

// otherShapes lists what takes more than a look at the first letters.
func otherShapes() []shape {
	list := []shape{
		{literal: "begin ", fold: true, kind: "private key", find: keyBegins},
		{literal: "end ", fold: true, kind: "private key", find: keyEnds},
		{literal: "Private-Lines:", kind: "private key", find: puttyLines},
		{literal: "Private-MAC:", kind: "private key", find: puttyMAC},
		{literal: "eyJ", kind: "JWT", find: jwt},
		{literal: "://", kind: "password in an address", find: addressPassword},
		{literal: ":AA", kind: "Telegram token", find: telegram},
		{literal: "8Q~", kind: "Azure client secret", find: azureSecret},
		{literal: "AccountKey=", kind: "Azure storage key", find: matching(`^\w+=([A-Za-z0-9+/]{40,}={0,2})`, anywhere)},
		{literal: "SharedAccessKey=", kind: "Azure access key", find: matching(`^\w+=([A-Za-z0-9+/]{40,}={0,2})`, anywhere)},
		{literal: "sig=", kind: "Azure SAS signature", find: matching(`^sig=([A-Za-z0-9%+/]{40,}={0,2})`, begins)},
		{literal: "hooks.slack.com/", kind: "Slack webhook", find: matching(`^hooks\.slack\.com/((?:services|workflows|triggers)/[\w/-]{20,})`, anywhere)},
		{literal: "/api/webhooks/", kind: "Discord webhook", find: matching(`^/api/webhooks/(\d{15,}/[\w-]{40,})`, anywhere)},
		{literal: "bearer", fold: true, kind: "bearer token", find: header},
		{literal: "basic", fold: true, kind: "password in a header", find: basic},
		{literal: "authorization", fold: true, kind: "authorization header", find: header},
	}
	for _, name := range secretNames() {
		list = append(list, shape{kind: name.kind, literal: name.literal, fold: true, find: assignment})
	}
	return list
}

func anywhere(string, int) bool { return true }

// jwt finds a JSON Web Token (RFC 7519): two objects in base64, which begin
// with {" as all of them do, and a signature or what stands in its place.
func jwt(found []hit, text string, at int, s *shape) []hit {
	if !begins(text, at) || within(found, at) || at > 0 && text[at-1] == '-' {
		return found
	}
	end := dashed.run(text, at)
	if end-at < 12 || !strings.HasPrefix(text[end:], "."+s.literal) {
		return found
	}
	for range 4 { // an encrypted one has five parts
		if next := dashed.run(text, end+1); end < len(text) && text[end] == '.' {
			end = next
		}
	}
	return append(found, hit{Secret{at, end, s.kind}, rankToken})
}

// matching returns the find of shapes that one expression describes. It is
// matched from the literal on; its first group, if it has one, is the secret.
func matching(expression string, starts func(string, int) bool) func([]hit, string, int, *shape) []hit {
	compiled := sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
	return func(found []hit, text string, at int, s *shape) []hit {
		if !starts(text, at) || within(found, at) {
			return found
		}
		m := compiled().FindStringSubmatchIndex(text[at:min(len(text), at+longest)])
		if m == nil {
			return found
		}
		start, end := m[0], m[1]
		if len(m) > 2 {
			start, end = m[2], m[3]
		}
		if repeats(text[at+start : at+end]) {
			return found
		}
		return append(found, hit{Secret{at + start, at + end, s.kind}, rankToken})
	}
}

// awsKey also finds the secret that belongs to the access key: 40 letters
// without a mark of their own, which stand near it.
func awsKey(found []hit, text string, at int, s *shape) []hit {
	const near = 300
	before := len(found)
	if found = token(found, text, at, s); len(found) == before {
		return found
	}
	for i, end := max(0, at-near), min(len(text), at+near); i < end; {
		stop := radix64.run(text, i)
		if stop-i == 40 && (i == 0 || !radix64.has(text[i-1])) && mixed(text[i:stop]) {
			found = append(found, hit{Secret{i, stop, "AWS secret key"}, rankToken})
		}
		i = stop + 1
	}
	return found
}

// mixed tells whether s looks drawn from letters of both cases and digits, as
// neither a word nor a checksum does.
func mixed(s string) bool {
	var seen set
	for i := range len(s) {
		seen |= setOf(s[i])
	}
	return seen&lower != 0 && seen&upper != 0 && seen&digits != 0 && entropy(s) >= 4
}

// openAIKey is token for "sk-", which also begins names in style sheets:
// they have no digits.
func openAIKey(found []hit, text string, at int, s *shape) []hit {
	if within(found, at) {
		return found
	}
	end := s.set.runTo(text, at, at+s.max)
	count := 0
	for i := at; i < end; i++ {
		if digits.has(text[i]) {
			count++
		}
	}
	if count < 2 {
		return found
	}
	return token(found, text, at, s)
}

// addressPassword finds the password in scheme://user:password@host.
func addressPassword(found []hit, text string, at int, s *shape) []hit {
	start := at + len("://")
	line := text[start:min(len(text), start+512)]
	if i := strings.IndexAny(line, " \t\r\n\"'`<>\\"); i >= 0 {
		line = line[:i]
	}
	// The last @ before the path, for passwords may hold one.
	authority := line
	if i := strings.IndexAny(line, "/?#"); i >= 0 && strings.IndexByte(line[:i], '@') >= 0 {
		authority = line[:i]
	}
	host := strings.LastIndexByte(authority, '@')
	if host < 0 {
		return found
	}
	colon := strings.IndexByte(authority[:host], ':')
	if colon < 0 || host-colon-1 < 3 || placeholder(authority[colon+1:host]) {
		return found
	}
	return append(found, hit{Secret{start + colon + 1, start + host, s.kind}, rankHeader})
}

// telegram finds the token of a bot, its number included.
func telegram(found []hit, text string, at int, s *shape) []hit {
	near := max(0, at-12)
	start, end := near+digits.runBack(text[near:at], at-near), dashed.runTo(text, at+1, at+40)
	if n := at - start; n < 8 || n > 10 || end-at-1 != 35 || !begins(text, start) {
		return found
	}
	return append(found, hit{Secret{start, end, s.kind}, rankToken})
}

// azureSecret finds the secret of an application in Entra ID: 40 letters with
// 8Q~, or another digit, at the fourth.
func azureSecret(found []hit, text string, at int, s *shape) []hit {
	const signs = dashed | dot | tilde
	near := max(0, at-6)
	start, end := near+signs.runBack(text[near:at], at-near), signs.runTo(text, at, at+42)
	if at-start != 3 || end-start < 37 || end-start > 44 {
		return found
	}
	return append(found, hit{Secret{start, end, s.kind}, rankToken})
}

var headerStart = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?i:(?:proxy-)?authorization(?:\\?["'])?\s{0,4}[:=,]\s{0,4}(?:\\?["'\x60])?\s?(?:(?:bearer|token|basic|apikey|key|aws4-hmac-sha256)\s{1,4})?|bearer\s{1,4})`)
})

// header finds what follows "Authorization:" or "Bearer".
func header(found []hit, text string, at int, s *shape) []hit {
	const signs = radix64 | equals | underscore | dash | dot | tilde
	const longestStart = 80
	if !begins(text, at) {
		return found
	}
	m := headerStart().FindStringIndex(text[at:min(len(text), at+longestStart)])
	if m == nil {
		return found
	}
	start := at + m[1]
	value := text[start:signs.run(text, start)]
	if len(value) < 12 || !digits.in(value) || !letter.in(value) || placeholder(value) || entropy(value) < 3 {
		return found
	}
	return append(found, hit{Secret{start, start + len(value), s.kind}, rankHeader})
}

var basicValue = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?i:basic)\s{1,4}([A-Za-z0-9+/]{6,}={0,2})`)
})

// basic finds the name and password that follow "Basic": what decodes to text
// with a colon in it.
func basic(found []hit, text string, at int, s *shape) []hit {
	if !begins(text, at) {
		return found
	}
	m := basicValue().FindStringSubmatchIndex(text[at:min(len(text), at+longest)])
	if m == nil {
		return found
	}
	raw, err := decodeBase64(text[at+m[2] : at+m[3]])
	if err != nil || !strings.Contains(raw, ":") {
		return found
	}
	for i := range len(raw) {
		if raw[i] < ' ' {
			return found
		}
	}
	return append(found, hit{Secret{at + m[2], at + m[3], s.kind}, rankHeader})
}

func decodeBase64(s string) (string, error) {
	raw, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(s, "="))
	return string(raw), err
}

// in tells whether a byte of s stands in text.
func (s set) in(text string) bool {
	for i := range len(text) {
		if s.has(text[i]) {
			return true
		}
	}
	return false
}

// entropy is Shannon's, in bits for each byte of s.
func entropy(s string) float64 {
	var count [256]int
	for i := range len(s) {
		count[s[i]]++
	}
	bits := 0.0
	for _, n := range count {
		if n > 0 {
			p := float64(n) / float64(len(s))
			bits -= p * math.Log2(p)
		}
	}
	return bits
}
