package ignore

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"github.com/llmls/llmls/internal/completion"
)

// write writes files into a new directory, whose path is free of links.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// says fails the test unless err is a refusal that holds all of want, or, of
// nothing wanted, none.
func says(t *testing.T, what string, err error, want ...string) {
	t.Helper()
	failed := completion.AsError(err)
	if len(want) == 0 {
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
		return
	}
	if failed == nil || failed.Kind != completion.Blocked {
		t.Errorf("%s: %v, want a refusal", what, err)
		return
	}
	for _, part := range append(want, "context.allow", "config.toml") {
		if !strings.Contains(failed.Sentence(), part) {
			t.Errorf("%s: %q does not say %q", what, failed.Sentence(), part)
		}
	}
}

func TestDenyList(t *testing.T) {
	for name, rule := range map[string]string{
		".env": ".env", ".ENV": ".env", "a/.env.production": ".env.*", "prod.env": "*.env", "tls/server.pem": "*.pem", "x.KEY": "*.key", "a.p12": "*.p12", "a.pfx": "*.pfx",
		"a.jks": "*.jks", "my.keystore": "*.keystore", "p.kdbx": "*.kdbx", "p.ppk": "*.ppk", "id_rsa": "id_rsa*", "id_ed25519": "id_ed25519*", "id_rsa.bak": "id_rsa*",
		".netrc": ".netrc", "_netrc": "_netrc", ".pgpass": ".pgpass", ".my.cnf": ".my.cnf", ".npmrc": ".npmrc", ".pypirc": ".pypirc", ".git-credentials": ".git-credentials", ".htpasswd": ".htpasswd",
		"home/.ssh/config": ".ssh/", ".ssh/id_rsa.pub": ".ssh/", ".gnupg/x/y": ".gnupg/", ".aws/credentials": "**/.aws/credentials", ".azure/a/b": ".azure/", ".kube/config": "**/.kube/config", "kubeconfig": "kubeconfig",
		".docker/config.json": "**/.docker/config.json", "gcloud/application_default_credentials.json": "application_default_credentials.json", "my-service-account-1.json": "*service-account*.json",
		"credentials.json": "credentials.json", "config/secrets.yml": "secrets.yml", "Secrets.YAML": "secrets.yaml", "secrets.json": "secrets.json", "secrets.toml": "secrets.toml",
		"terraform.tfstate": "*.tfstate", "terraform.tfstate.backup": "*.tfstate.*", "prod.tfvars": "*.tfvars", "config/master.key": "master.key", "config/credentials.yml.enc": "credentials.yml.enc",
		".vault-token": ".vault-token", ".terraformrc": ".terraformrc",
		".env.example": "", ".env.sample": "", "a/.env.template": "", "id_rsa.pub": "", "main.go": "", "environment.ts": "", "keys.go": "", "secrets.go": "", "config": "", "docker/config.json": "", "aws/credentials": "",
		"ssh/config": "", "package.json": "", "key": "", ".envoy.yaml": "", "tfstate.go": "", "src/.env.d/x": ".env.*",
	} {
		want := []string{rule, filepath.Base(name)}
		if rule == "" {
			want = nil
		}
		says(t, name, NewChecker(nil).CheckName(name), want...)
		says(t, name, NewChecker(nil).Check(File{Path: filepath.Join("/nowhere/p", name), Folders: []string{"/nowhere/p"}, Name: name}), want...)
	}
}

func TestIgnoreFiles(t *testing.T) {
	dir := write(t, map[string]string{
		".aiignore": "*.sql\n!.env\n/private/\n", "sub/.aiignore": "!keep.sql\n", "sub/.cursorignore": "*.csv\n", "sub/deep/.aiexclude": "*\n!ok.go\n",
		"private/.aiignore": "!*\n",
	})
	for name, want := range map[string][]string{
		"a.sql": {"line 1 of ", ".aiignore", "*.sql"}, "sub/x.sql": {"line 1 of ", ".aiignore"}, "sub/keep.sql": nil, "sub/a.csv": {"line 1 of ", "sub/.cursorignore"}, "a.csv": nil,
		"sub/deep/x.go": {"line 1 of ", "sub/deep/.aiexclude"}, "sub/deep/ok.go": nil, "private/x.go": {"/private/"}, ".env": {"often hold secrets"}, "sub/deep/keep.sql": {"sub/deep/.aiexclude"},
	} {
		says(t, name, NewChecker(nil).Check(File{Path: filepath.Join(dir, name), Folders: []string{dir}, Name: name}), want...)
		// Without a workspace the directories above count, too.
		says(t, name, NewChecker(nil).Check(File{Path: filepath.Join(dir, name), Name: name}), want...)
	}
	// The folder is where the rules begin.
	says(t, "from sub", NewChecker(nil).Check(File{Path: filepath.Join(dir, "sub/x.sql"), Folders: []string{filepath.Join(dir, "sub")}, Name: "x.sql"}))
}

func TestAllow(t *testing.T) {
	dir := write(t, map[string]string{".aiignore": "*.sql\n"})
	file := func(name string) File {
		return File{Path: filepath.Join(dir, name), Folders: []string{dir}, Name: name}
	}
	for allow, allowed := range map[string]bool{
		".env": true, "*.env": true, filepath.ToSlash(dir) + "/.env": true, filepath.ToSlash(dir) + "/": true, "**/.env": true, "/.env": false, "other": false, "!.env": false,
	} {
		if err := NewChecker([]string{allow}).Check(file(".env")); (err == nil) != allowed {
			t.Errorf("allow %q: %v", allow, err)
		}
	}
	says(t, "an ignored file", NewChecker([]string{"*.sql"}).Check(file("a.sql")))
	says(t, "the last one counts", NewChecker([]string{"*.sql", "!a.sql"}).Check(file("a.sql")), "a.sql")
}

// Rules that cannot be read forbid what they may be about.
func TestUnreadableRules(t *testing.T) {
	for name, test := range map[string]struct {
		prepare func(path string) error
		says    string
	}{
		"too large":       {func(path string) error { return os.WriteFile(path, make([]byte, maxFile+1), 0o600) }, "larger than 256 KiB"},
		"a directory":     {func(path string) error { return os.Mkdir(path, 0o700) }, "regular"},
		"a link out":      {func(path string) error { return os.Symlink("../../secret", path) }, "leads out"},
		"a dangling link": {func(path string) error { return os.Symlink("nothing", path) }, "leads nowhere"},
		"UTF-16, no mark": {func(path string) error { return os.WriteFile(path, []byte("*\x00.\x00g\x00"), 0o600) }, "UTF-8"},
		"a link to dev":   {func(path string) error { return os.Symlink("/dev/zero", path) }, "leads out"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := write(t, map[string]string{"secret": "!*", "w/sub/x.go": ""})
			if err := test.prepare(filepath.Join(dir, "w/sub/.aiignore")); err != nil {
				t.Fatal(err)
			}
			folder := filepath.Join(dir, "w")
			says(t, "below", NewChecker(nil).Check(File{Path: filepath.Join(folder, "sub/x.go"), Folders: []string{folder}, Name: "sub/x.go"}), "sub/.aiignore", test.says)
			says(t, "beside", NewChecker(nil).Check(File{Path: filepath.Join(folder, "x.go"), Folders: []string{folder}, Name: "x.go"}))
			says(t, "allowed", NewChecker([]string{"*.go"}).Check(File{Path: filepath.Join(folder, "sub/x.go"), Folders: []string{folder}, Name: "sub/x.go"}))
		})
	}
}

func TestLinks(t *testing.T) {
	dir := write(t, map[string]string{"w/.env": "", "w/private/x.go": "", "w/.aiignore": "private/", "out/.ssh/config": "", "w/ok.go": ""})
	folder := filepath.Join(dir, "w")
	for link, target := range map[string]string{
		"notes.txt": ".env", "x.go": "private/x.go", "public": "private", "far": "../out/.ssh", "fine": "ok.go", "dangling": "nothing",
	} {
		if err := os.Symlink(target, filepath.Join(folder, link)); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string][]string{
		"notes.txt": {"notes.txt (a link to .env)", "often hold secrets"}, "x.go": {"private/"}, "public/x.go": {"private/"}, "public/new.go": {"private/"},
		"far/config": {".ssh/"}, "fine": nil, "dangling": nil, "ok.go": nil,
	} {
		says(t, name, NewChecker(nil).Check(File{Path: filepath.Join(folder, name), Folders: []string{folder}, Name: name}), want...)
	}
	// A folder that is itself a link.
	if err := os.Symlink("w", filepath.Join(dir, "v")); err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(dir, "v")
	says(t, "in a linked folder", NewChecker(nil).Check(File{Path: filepath.Join(other, "private/x.go"), Folders: []string{other}, Name: "private/x.go"}), "private/")
	says(t, "in a linked folder", NewChecker(nil).Check(File{Path: filepath.Join(other, "ok.go"), Folders: []string{other}, Name: "ok.go"}))
}

// What leads out of the workspace, as packages of pnpm, Nix and Bazel do, is
// judged by its own name there and by where it leads.
func TestLinksOut(t *testing.T) {
	dir := write(t, map[string]string{
		"w/.aiignore": "/node_modules/private/\n*.sql\n", "w/in/x.go": "", "w/in/.aiignore": "y.go",
		"store/pkg/x.go": "", "store/pkg/a.sql": "", "store/kept/x.go": "", "store/kept/.aiignore": "x.go\n", "store/pkg/deep/.aiexclude": "new*\n",
	})
	folder := filepath.Join(dir, "w")
	for link, target := range map[string]string{
		"w/node_modules/pkg": filepath.Join(dir, "store/pkg"), "w/node_modules/up": "../../store/pkg", "w/node_modules/kept": filepath.Join(dir, "store/kept"),
		"w/node_modules/private": filepath.Join(dir, "store/pkg"), "w/again": filepath.Join(dir, "w/in"), "w/loop": "loop",
	} {
		link = filepath.Join(dir, link)
		if err := os.MkdirAll(filepath.Dir(link), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(target, link); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string][]string{
		"node_modules/pkg/x.go": nil, "node_modules/up/x.go": nil, "node_modules/pkg/new/new.go": nil, "node_modules/kept/x.go": {"store/kept/.aiignore"},
		"node_modules/private/x.go": {"line 1 of .aiignore"}, "node_modules/pkg/a.sql": {"line 2 of .aiignore"}, "again/x.go": nil, "again/y.go": {"line 1 of again/.aiignore"},
		"node_modules/pkg/deep/er/new.go": {"deep/.aiexclude"}, "loop/x.go": {"too many"},
	} {
		says(t, name, NewChecker(nil).Check(File{Path: filepath.Join(folder, name), Folders: []string{folder}, Name: name}), want...)
	}
}

// Rules begin in the outermost folder, whatever is opened inside of it and
// however it is called.
func TestOutermostFolder(t *testing.T) {
	dir := write(t, map[string]string{"w/.aiignore": "/a/b/private/\n", "w/a/b/private/x.go": "", "w/a/b/x.go": ""})
	inner := filepath.Join(dir, "inner")
	if err := os.Symlink("w/a", inner); err != nil {
		t.Fatal(err)
	}
	w := filepath.Join(dir, "w")
	for _, folders := range [][]string{
		{w, w + "/a", w + "/a/b"}, {w + "/a/b", w}, {w + "/a/b/private", w}, {inner, w}, {inner + "/b", w},
	} {
		for _, name := range []string{w + "/a/b", inner + "/b"} {
			says(t, name, NewChecker(nil).Check(File{Path: name + "/private/x.go", Folders: folders, Name: "x.go"}), "/a/b/private/")
			says(t, name, NewChecker(nil).Check(File{Path: name + "/x.go", Folders: folders, Name: "x.go"}))
		}
	}
}

// Letter case and the form of accents do not count, in no list.
func TestFolding(t *testing.T) {
	for _, names := range [][2]string{
		{"Ärger.txt", "ärger.txt"},
		{"ΣΟΦΟΣ", "σοφος"},
		{"σοφος", "σοφοσ"},
		{"ПАРОЛЬ*", "пароль.txt"},
		{"STRASSE", "straße"},
		{"straße", "STRASSE"},
		{"İx", "i\u0307x"},
		{"caf\u00e9", "CAFE\u0301"},
		{"cafe\u0301", "café"},
		{"[Ä-Ü]x", "äx"},
		{"[äöü]x", "A\u0308x"},
		{"?x", "äx"},
		{"*.KEY", "a.\u212aey"},
		{"\\É", "é"},
		{"ﬀ?[!x]", "ﬀab"},
		{"ÉCOLE/", "école/x"},
		{"a/**/Ü", "a/b/c/ü"},
	} {
		if !excludes(map[string]string{"": names[0]}, names[1]) {
			t.Errorf("%q does not exclude %q", names[0], names[1])
		}
	}
	for _, names := range [][2]string{{"Ärger", "arger"}, {"[!ä]x", "Äx"}, {"e", "é"}, {"ss", "s"}} {
		if excludes(map[string]string{"": names[0]}, names[1]) {
			t.Errorf("%q excludes %q", names[0], names[1])
		}
	}
	says(t, "the deny list", NewChecker(nil).CheckName("x/ID_R\u017fA"), "id_rsa*")
	says(t, "an allowed file", NewChecker([]string{"ÄRGER.env"}).CheckName("x/ärger.ENV"))
}

func TestEncodings(t *testing.T) {
	const rules = "*.sql\n\u00e4.txt\r\n"
	utf16 := func(order binary.AppendByteOrder, text string) string {
		var raw []byte
		for _, unit := range utf16.Encode([]rune(text)) {
			raw = order.AppendUint16(raw, unit)
		}
		return string(raw)
	}
	for name, text := range map[string]string{
		"UTF-8": rules, "UTF-8 with a mark": "\uFEFF" + rules, "CR": strings.ReplaceAll(rules, "\n", "\r"),
		"UTF-16, little end first": utf16(binary.LittleEndian, "\uFEFF"+rules), "UTF-16, big end first": utf16(binary.BigEndian, "\uFEFF"+rules),
	} {
		dir := write(t, map[string]string{".aiignore": text})
		for _, file := range []string{"a.sql", "Ä.txt"} {
			says(t, name, NewChecker(nil).Check(File{Path: filepath.Join(dir, file), Folders: []string{dir}, Name: file}), "of .aiignore")
		}
		says(t, name, NewChecker(nil).Check(File{Path: filepath.Join(dir, "a.go"), Folders: []string{dir}, Name: "a.go"}))
	}
	for name, text := range map[string]string{
		"UTF-16 without a mark": utf16(binary.LittleEndian, rules), "big end first": utf16(binary.BigEndian, rules), "UTF-32": "\xff\xfe\x00\x00*\x00\x00\x00",
		"EBCDIC": "\x5c\x4b\xa2\x98\x93\x15", "EBCDIC, one line of capitals": "\xe7\x4b\xe2", "Latin-1": "\xe4rger.txt\n", "Shift JIS": "\x94\xe9\x96\xa7.txt\n", "ISO-2022-JP": "\x1b$BHk\x1b(B.txt\n", "cut": "a.sql\n\xc3",
	} {
		dir := write(t, map[string]string{".cursorignore": text})
		says(t, name, NewChecker(nil).Check(File{Path: filepath.Join(dir, "a.go"), Folders: []string{dir}, Name: "a.go"}), ".cursorignore", "UTF-8")
	}
}

// All files of rules together have limits, of size and of work.
func TestLimits(t *testing.T) {
	long := strings.Repeat("d", 240)
	for name, test := range map[string]struct{ rules, says string }{
		"question marks":          {strings.Repeat("?", maxFile), "longer than 16 KiB"},
		"lines of question marks": {strings.Repeat(strings.Repeat("?", 1000)+"\n", 250), "larger than 1 MiB"},
		"stars":                   {strings.Repeat(strings.Repeat("*d", 100)+"x\n", 20), "too long to match"},
		"classes":                 {strings.Repeat(strings.Repeat("*[!"+strings.Repeat("x", 100)+"]", 50)+"x\n", 3), "too long to match"},
		"directories":             {strings.Repeat(strings.Repeat("**/d/", 40)+"x\n", 15), "too long to match"},
		"comments":                {"#" + strings.Repeat("#", 2*maxLine), "larger than 1 MiB"},
		"empty lines":             {strings.Repeat("\n", 1000), ""},
	} {
		files := map[string]string{}
		for depth := range 200 {
			files[strings.Repeat("d/", depth)+".aiignore"] = test.rules
		}
		dir := write(t, files)
		err := NewChecker(nil).Check(File{Path: filepath.Join(dir, strings.Repeat("d/", 200), long), Folders: []string{dir}, Name: "x.go"})
		if test.says == "" {
			says(t, name, err)
			continue
		}
		says(t, name, err, test.says)
	}
	says(t, "a long name", NewChecker(nil).CheckName("/"+strings.Repeat("x", maxPath)), "too long")
	says(t, "a long path", NewChecker(nil).Check(File{Path: "/" + strings.Repeat("x/", maxPath/2), Name: "x"}), "too long")
	says(t, "a deep path", NewChecker(nil).Check(File{Path: "/" + strings.Repeat("x/", maxElements) + "x", Name: "x"}), "too long")
}

// Lines without an effect are reported, by file and number.
func TestNotes(t *testing.T) {
	dir := write(t, map[string]string{
		".aiignore":          "# C:\\nothing\nprivate\\x\n\\#odd\n\\!odd\na\\ \nC:\\\\Users\\\\me\n[a\nb\\\n*.sql\n",
		"sub/.cursorignore":  "sub\\y\n", // not on the way
		"sub2/.cursorignore": "sub2\\y\n",
	})
	c := NewChecker(nil)
	says(t, "noted", c.Check(File{Path: filepath.Join(dir, "sub2/x.go"), Folders: []string{dir}, Name: "x.go"}))
	want := []string{
		completion.NoteBackslash(".aiignore", 2), completion.NoteBackslash(".aiignore", 6), completion.NoteNoPattern(".aiignore", 7), completion.NoteNoPattern(".aiignore", 8),
		completion.NoteBackslash("sub2/.cursorignore", 1),
	}
	if diff := cmp.Diff(want, c.Notes()); diff != "" {
		t.Error(diff)
	}
}

// So are lines in which more than a name stands.
func TestNotesOfWhatSurrounds(t *testing.T) {
	for _, line := range []string{
		"./x", "!./x", "a/./x", "../x", "a/../x", " x", "\tx", "x\t", "\u00a0x", "x\u00a0", "\u200bx", "x\u200e", "\ufeffx", `"x"`, "'x y'", "`x`", "x\u0085y", "x\u2028y", " # comment", "x\ty", "x # comment", "*.{a,b}", "~/x",
		"x\u200by", "x\u200dy", "x\u00ady", "x\u2060.sql", "*\u180e.sql", "x\u3164", "x\u034fy", "x\ufe0f", "x\U000e0041", "x\u00a0y",
	} {
		dir := write(t, map[string]string{".aiignore": "fine\n" + line + "\n"})
		c := NewChecker(nil)
		says(t, line, c.Check(File{Path: filepath.Join(dir, "z"), Folders: []string{dir}, Name: "z"}))
		if diff := cmp.Diff([]string{completion.NoteSurrounded(".aiignore", 2)}, c.Notes()); diff != "" {
			t.Errorf("%q: %s", line, diff)
		}
	}
	for _, line := range []string{"x ", `x\ `, `\ x`, "...", "a.b", ".x", "x.", "a b", `it's`, `"`, "/x", "**/x", "!x", "é", "x/..y", "# ./x"} {
		dir := write(t, map[string]string{".aiignore": line + "\n"})
		c := NewChecker(nil)
		says(t, line, c.Check(File{Path: filepath.Join(dir, "z"), Folders: []string{dir}, Name: "z"}))
		if len(c.Notes()) > 0 {
			t.Errorf("%q: %q", line, c.Notes())
		}
	}
}

// What a repository calls things cannot steer the terminal.
func TestRefusalsAreOneLine(t *testing.T) {
	dir := write(t, map[string]string{".aiignore": "*\u202e*\n"})
	err := NewChecker(nil).Check(File{Path: filepath.Join(dir, "a\u202e\x1b[2J\nb"), Folders: []string{dir}, Name: "a\x1b[2J\nb"})
	says(t, "odd names", err, `"a\x1b[2J\nb"`, `"*\u202e*"`)
	if s := completion.AsError(err).Sentence(); strings.ContainsAny(s, "\x1b\n\u202e") {
		t.Errorf("%q", s)
	}
}
