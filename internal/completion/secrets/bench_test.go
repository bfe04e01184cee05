package secrets

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// BenchmarkFind looks through source code in ten languages. The baseline tries
// an expression for each shape at every place, as it would be without literals.
func BenchmarkFind(b *testing.B) {
	names, err := filepath.Glob("../chat/testdata/corpus/*.*.txt")
	if err != nil || len(names) == 0 {
		b.Fatal(names, err)
	}
	var all strings.Builder
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			b.Fatal(err)
		}
		all.Write(raw)
	}
	text := all.String()
	expressions := asExpressions()
	for _, impl := range []struct {
		name string
		find func()
	}{
		{"llmls", func() { Find(text) }},
		{"expressions", func() {
			for _, e := range expressions {
				e.FindAllStringIndex(text, -1)
			}
		}},
	} {
		b.Run("impl="+impl.name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				impl.find()
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/(float64(len(text))/1024), "µs/KB")
		})
	}
}

// BenchmarkFindHostile looks through text that is made to look like secrets all
// over, in one way after the other.
func BenchmarkFindHostile(b *testing.B) {
	for _, part := range []string{
		"password ", "password {", `secret_key: """`, "name: password\n", "pwd=", "sk-", "token: ", `{"kty":"d",`, "api_key = env(", `{"kind": "Secret",`,
		"mysql -p a", "Pwd=a;Server=b;", "!!str &a password: ", "-----BEGIN PRIVATE KEY-----\n", "password='''\n", "AZDO", "password: |\n  a\n", "kind: Secret\n",
		"://a@", "cookie: a=b;", "MIIEpAIBAAKCAQEA", "LS0tLS1CRUdJTi", "<password>", "identified by ", `password=" `, `password = a ? "b1" : `,
		"password /**/", "pass/*", "password->", "password=\u200b", "token:/**//**/",
		`passwords=["a",`, `password(a, "b", `, `"a" == password `, "password() { return ", "passwords:\n - a",
	} {
		text := strings.Repeat(part, (64<<10)/len(part))
		b.Run("text="+part, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				Find(text)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(text)), "ns/B")
		})
	}
}

// asExpressions writes the tokens down as expressions, and a plain form of the
// assignments.
func asExpressions() []*regexp.Regexp {
	kinds := map[string][]string{}
	for _, s := range tokenShapes() {
		kinds[s.kind] = append(kinds[s.kind], regexp.QuoteMeta(s.literal))
	}
	var list []*regexp.Regexp
	for _, literals := range kinds {
		list = append(list, regexp.MustCompile(`\b(?:`+strings.Join(literals, "|")+`)[\w.-]{16,}`))
	}
	var names []string
	for _, n := range secretNames() {
		names = append(names, n.literal)
	}
	return append(list,
		regexp.MustCompile(`(?i)[\w.-]*(?:`+strings.Join(names, "|")+`)[\w.-]*["']?\s*(?:=>|:=|=|:)\s*["'][^"'\s]{6,}`),
		regexp.MustCompile(`\w+://[^\s/:@]*:[^\s/@]+@`),
		regexp.MustCompile(`(?i)bearer\s+[\w.~+/=-]{12,}`),
		regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE KEY-----`))
}
