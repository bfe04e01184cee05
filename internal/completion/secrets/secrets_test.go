package secrets

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// A planted text holds one secret or more, and where they are.
type planted struct {
	file, kind, text string
	secrets          []Secret
}

// plantedTexts reads testdata/planted. A secret there stands between « and »,
// and ‸ parts it, so that nobody who looks for secrets finds one in this
// repository.
func plantedTexts(t testing.TB) []planted {
	t.Helper()
	names, err := filepath.Glob("testdata/planted/*.txt")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	var all []planted
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		head, rest, _ := strings.Cut(string(raw), "\n---\n")
		for text := range strings.SplitSeq(rest, "\n---\n") {
			p := planted{file: filepath.Base(name), kind: strings.TrimPrefix(head, "kind: ")}
			var b strings.Builder
			for _, r := range text {
				switch r {
				case '‸':
				case '«':
					p.secrets = append(p.secrets, Secret{Start: b.Len()})
				case '»':
					p.secrets[len(p.secrets)-1].End = b.Len()
				default:
					b.WriteRune(r)
				}
			}
			p.text = b.String()
			all = append(all, p)
		}
	}
	return all
}

// Every planted secret is found, whole and nothing beside it, and is called
// what it is.
func TestFindMissesNothing(t *testing.T) {
	for _, p := range plantedTexts(t) {
		found := Find(p.text)
		named := false
		for i, s := range found {
			named = named || s.Kind == p.kind
			if i >= len(p.secrets) || s.Start != p.secrets[i].Start || s.End != p.secrets[i].End {
				t.Errorf("%s: %s %q is not what was planted in %q", p.file, s.Kind, p.text[s.Start:s.End], p.text)
			}
		}
		if len(found) < len(p.secrets) {
			t.Errorf("%s: %d of %d found in %q", p.file, len(found), len(p.secrets), p.text)
		} else if !named {
			t.Errorf("%s: found as %q in %q", p.file, found[0].Kind, p.text)
		}
	}
}

// What a program does with secrets is none.
func TestFindLeavesCodeAlone(t *testing.T) {
	for _, text := range []string{
		`password = os.environ["DB_PASSWORD"]`, `password = "${DB_PASSWORD}"`, `password: ${{ secrets.DB_PASSWORD }}`, `PASSWORD=$1`,
		`password = getPassword()`, `password := cfg.Password`, `token = nextToken2`, `const token: Token = lexer.next();`,
		`password = "changeme"`, `API_KEY=xxxxxxxxxxxxxxxx`, `api_key: <your key>`, `apiKey: "your-api-key-123"`, `SECRET=********`,
		`"password": "Enter your password, 8 letters"`, `passwordField = "password"`, `<input type="password" id="pw1">`, `token_url = "https://x.test/oauth2/token"`,
		`secretName: my-secret-1`, `password_file = "/run/secrets/pw1"`, `token := "identifier"`, `tokenType = "oauth2"`, `secretsmanager:GetSecretValue`,
		`https://user:${PASSWORD}@host/`, `http://localhost:8080/a@b`, `git@github.com:a/b.git`, `https://example.test/path:1@2`,
		`Authorization: Bearer ${TOKEN}`, `Authorization: Bearer <token>`, `"Authorization", "Bearer " + token`, `Basic programming:`, `basic authentication`,
		`strings.HasPrefix(s, "-----BEGIN RSA PRIVATE KEY-----")`, "-----BEGIN CERTIFICATE-----\nMIIB" + strings.Repeat("Qx7y", 30) + "\n-----END CERTIFICATE-----",
		"const begin = \"-----BEGIN PRIVATE KEY-----\"\nfunc load() {\n\treturn errors.New(\"no\")\n}\nconst end = \"-----END PRIVATE KEY-----\"\n",
		"-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
		`class="sk-folding-cube-animation-wrapper"`, `commit 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b`, `AKIAxxxx`, `eyJ is how a JWT begins`,
		`return "token(" + strconv.Itoa(n) + ")"`, `r.password.encode("latin1")`, `{"Microsoft.TokenKey", "#a"}`, `password: "Forgot your password? Ask us 24 hours a day"`,
		`password "must have 8 characters"`, `"pass": "passes"`, `RENDER_PASS_QUADS=Math.max(a.B1, 2)`, `compass = "north42"`, "type T struct {\n\tToken X509 `xml:\"X509Token\"`\n}",
		`'deepskyblue2': '#00b2ee'`, `pass => '1.302103'`, `cmd.Env = append(env, "PWD="+cmd.Dir, "A="+b)`, `usage: TOKEN=<token> NAME=<name> x`, `kind: Secret`, "kind: ConfigMap\ndata:\n  a: YWRtaW4=",
		"kind: Secret\ndata:\n  a: {{ .Values.a }}\n  b: ${B}", "kind: Secret\nmetadata:\n  name: a1b2c3d4", `https://www.example.net/a/b@v1.2.3`, `https://user.name@host.test/x`, `ssh -p 2222 host`,
		`docker run -p 5432:5432 x`, `curl -u "$USER:$PASS" x`, `mysql -p app`, `identified by 'bidding_strategy'`, `x:*:13:13:proxy:/bin:/usr`, `Cookie: theme=dark; lang=en`, `password is wrong`,
		`"kty": "RSA", "n": "abcdefghijklmnopqrstuvwxyz"`, "password:\n  type: string\n", "password: |\n  Enter it here\n", `getPassword("user.name")`, `password = os.environ.get("PASSWORD2")`, `token = c.NextTokenV1beta1x`,
		`tokenizer: cl100k_base`, `config.getString("db.password1")`, `sed 's/a/$1$2b$3/'`, `root:x:0:0 | chpasswd`, `host:port@tcp(x)`, `ENV.fetch("PORT1") { "3000a" }`, `logger.login("user", "page")`, `region: eu-us1`,
		`sha512-` + strings.Repeat("Ab1+", 22) + `==`, `[redacted: password]`, `password = "[redacted: password]"`, `SECRET=[redacted: secret]`,
		`password := mode == "prod2x" && ok`, `ok := password == "" || name == "us3rname"`, `{password: {"us3rname": 1}}`, "password = ''\nname = 'us3rname'\nother = ''\n", `password = "", user = "us3rname"`,
		`password = find("us3rname")`, "password = \"\"\nuser = \"us3rname\"", "password = $(cat <<EOF\n${PASSWORD}\nEOF\n)", `${PASSWORD:?set it for us3rs}`, `${PASSWORD:-$OTHER_PASSWORD2}`, `token = a ? "utf8-x1" : "b2"`,
		`"password": {"type": "string", "pattern": "^[a-z0-9]{8,}$", "description": "8 letters, 1 digit", "$ref": "#/components/x1"}`, `password_rules = ["minlen8x", "^[a-z0-9]+$"]`,
		`tokens = ["utf8x1", "sha256sum"]`, `const tokens = { color1: '#a1b2c3', size2: '12px' };`, `secrets: ["db-secret-1", "api-secret-2"]`, "tokens:\n  - plus1\n  - minus2", `password in ("", None)`, "if usePassword {\n\tconnect(\"host1a\", 22)\n}", "class Password {\n  label = \"us3rname\"\n}", "def token\n  \"us3rname\"\nend", `"js-tokens": {"version": "4.0.0", "integrity": "sha512-` + strings.Repeat("Ab1+", 22) + `=="}`,
		`password = find(["us3rname"])`, `isPassword(a) { return b2 }`, `password() { return this.pw2 }`, `{{ password | default(omit) }}`, `login("password", us3rname)`, `"text/x1" == passwordType`,
		`token := []Token{{"ident1", 2}, {"number3", 4}}`, `passes = ["first2", "second3"]`, `password ? "us3r-a1" : b`,
		`ctx->password->name = "us3rname"`, `password -> password.length`, "password // of\n  user = \"us3rname\"", `case "password" -> askAgain2(user)`, "token: // user1name\n  next2,", `password → reset1`, `password = "/* x1 */"`,
	} {
		for _, s := range Find(text) {
			t.Errorf("%q: %s %q", text, s.Kind, text[s.Start:s.End])
		}
	}
}

// A selection may cut a private key anywhere.
func TestFindCutKeys(t *testing.T) {
	for _, p := range plantedTexts(t) {
		if p.file != "private-key.txt" {
			continue
		}
		lines := strings.SplitAfter(p.text, "\n")
		if len(lines) < 12 {
			continue // on one line
		}
		key := p.text[p.secrets[0].Start:p.secrets[0].End]
		for cut := 4; cut < len(lines)-4; cut++ {
			for _, text := range []string{strings.Join(lines[:cut], ""), strings.Join(lines[cut:], "")} {
				redacted := new(Redactor).Redact(text)
				for line := range strings.Lines(key) {
					if line = strings.Trim(line, "/\"\\n \r\n"); len(line) > 30 && strings.Contains(redacted, line) && !strings.ContainsAny(line, ":-") {
						t.Fatalf("cut at %d of %d lines, %q is left of %q", cut, len(lines), line, p.text)
					}
				}
			}
		}
	}
}

func FuzzFind(f *testing.F) {
	for _, p := range plantedTexts(f) {
		f.Add(p.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		at := 0
		for _, s := range Find(text) {
			if s.Start < at || s.End <= s.Start || s.End > len(text) || s.Kind == "" {
				t.Fatalf("%+v after %d", s, at)
			}
			at = s.End
		}
		r := new(Redactor)
		once := r.Redact(text)
		if twice := r.Redact(once); twice != once {
			t.Errorf("%q became %q", once, twice)
		}
		if strings.Count(once, "\n") != strings.Count(text, "\n") {
			t.Errorf("%q lost lines of %q", once, text)
		}
		// An entry of a log stays JSON.
		if entry, err := json.Marshal(map[string]string{"msg": text, "error": text}); err == nil && !json.Valid([]byte(r.Redact(string(entry)))) {
			t.Errorf("%s became %s", entry, r.Redact(string(entry)))
		}
		if utf8.ValidString(text) && !utf8.ValidString(once) {
			t.Errorf("%q is not UTF-8", once)
		}
	})
}
