package ignore

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

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
		says(t, name, CheckName(name, nil), want...)
		says(t, name, Check(File{Path: filepath.Join("/nowhere/p", name), Folder: "/nowhere/p", Name: name}, nil), want...)
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
		says(t, name, Check(File{Path: filepath.Join(dir, name), Folder: dir, Name: name}, nil), want...)
		// Without a workspace the directories above count, too.
		says(t, name, Check(File{Path: filepath.Join(dir, name), Name: name}, nil), want...)
	}
	// The folder is where the rules begin.
	says(t, "from sub", Check(File{Path: filepath.Join(dir, "sub/x.sql"), Folder: filepath.Join(dir, "sub"), Name: "x.sql"}, nil))
}

func TestAllow(t *testing.T) {
	dir := write(t, map[string]string{".aiignore": "*.sql\n"})
	file := func(name string) File { return File{Path: filepath.Join(dir, name), Folder: dir, Name: name} }
	for allow, allowed := range map[string]bool{
		".env": true, "*.env": true, filepath.ToSlash(dir) + "/.env": true, filepath.ToSlash(dir) + "/": true, "**/.env": true, "/.env": false, "other": false, "!.env": false,
	} {
		if err := Check(file(".env"), []string{allow}); (err == nil) != allowed {
			t.Errorf("allow %q: %v", allow, err)
		}
	}
	says(t, "an ignored file", Check(file("a.sql"), []string{"*.sql"}))
	says(t, "the last one counts", Check(file("a.sql"), []string{"*.sql", "!a.sql"}), "a.sql")
}

// Rules that cannot be read forbid what they may be about.
func TestUnreadableRules(t *testing.T) {
	for name, test := range map[string]struct {
		prepare func(path string) error
		says    string
	}{
		"too large":     {func(path string) error { return os.WriteFile(path, make([]byte, maxFile+1), 0o600) }, "larger than 256 KiB"},
		"a directory":   {func(path string) error { return os.Mkdir(path, 0o700) }, "regular"},
		"a link out":    {func(path string) error { return os.Symlink("../../secret", path) }, "escapes"},
		"a link to dev": {func(path string) error { return os.Symlink("/dev/zero", path) }, "escapes"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := write(t, map[string]string{"secret": "!*", "w/sub/x.go": ""})
			if err := test.prepare(filepath.Join(dir, "w/sub/.aiignore")); err != nil {
				t.Fatal(err)
			}
			folder := filepath.Join(dir, "w")
			says(t, "below", Check(File{Path: filepath.Join(folder, "sub/x.go"), Folder: folder, Name: "sub/x.go"}, nil), "sub/.aiignore", test.says)
			says(t, "beside", Check(File{Path: filepath.Join(folder, "x.go"), Folder: folder, Name: "x.go"}, nil))
			says(t, "allowed", Check(File{Path: filepath.Join(folder, "sub/x.go"), Folder: folder, Name: "sub/x.go"}, []string{"*.go"}))
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
		says(t, name, Check(File{Path: filepath.Join(folder, name), Folder: folder, Name: name}, nil), want...)
	}
	// A folder that is itself a link.
	if err := os.Symlink("w", filepath.Join(dir, "v")); err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(dir, "v")
	says(t, "in a linked folder", Check(File{Path: filepath.Join(other, "private/x.go"), Folder: other, Name: "private/x.go"}, nil), "private/")
	says(t, "in a linked folder", Check(File{Path: filepath.Join(other, "ok.go"), Folder: other, Name: "ok.go"}, nil))
}

// What a repository calls things cannot steer the terminal.
func TestRefusalsAreOneLine(t *testing.T) {
	dir := write(t, map[string]string{".aiignore": "*\x1b*\n"})
	err := Check(File{Path: filepath.Join(dir, "a\x1b[2J\nb"), Folder: dir, Name: "a\x1b[2J\nb"}, nil)
	says(t, "odd names", err, `"a\x1b[2J\nb"`, `"*\x1b*"`)
	if s := completion.AsError(err).Sentence(); strings.ContainsAny(s, "\x1b\n") {
		t.Errorf("%q", s)
	}
}
