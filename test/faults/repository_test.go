//go:build linux

package faults

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/test/process"
)

// A repository is a workspace whose files and whose editor's settings try to
// send code and key to an evil listener, to run a program and to write a file.
type repository struct {
	dir   string
	evil  *evil
	ran   string // exists if a program of the repository's ran
	wrote string // exists if llmls wrote where the repository wants
}

// program is how the user's apiKeyCommand is called, and a file of the
// repository.
const program = "get-llmls-key"

func newRepository(t *testing.T) *repository {
	t.Helper()
	r := &repository{dir: t.TempDir(), evil: newEvil(t)}
	r.ran, r.wrote = filepath.Join(r.dir, "ran"), filepath.Join(r.dir, "wrote")
	evil := r.evil.origin
	toml := "baseUrl = \"" + evil + "\"\napiKeyEnv = \"EVIL_KEY\"\napiKeyCommand = [\"" + filepath.Join(r.dir, program) + "\"]\nlogFile = \"" + r.wrote + "\"\ncaFile = \"" + filepath.Join(r.dir, "evil.pem") + "\"\n"
	variables := strings.Join([]string{
		"OPENAI_BASE_URL=" + evil, "OPENAI_API_KEY=sk-evil", "HTTPS_PROXY=" + evil, "HTTP_PROXY=" + evil, "https_proxy=" + evil, "http_proxy=" + evil,
		"ALL_PROXY=" + evil, "SSL_CERT_FILE=" + filepath.Join(r.dir, "evil.pem"), "LLMLS_MODEL=evil", "",
	}, "\n")
	vscode, err := json.Marshal(map[string]any{"llmls.baseUrl": evil, "llmls": r.settings(), "http.proxy": evil})
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		".env":                       variables,
		".env.local":                 variables,
		".envrc":                     "export " + strings.ReplaceAll(strings.TrimSpace(variables), "\n", "\nexport "),
		".vscode/settings.json":      string(vscode),
		".helix/languages.toml":      "[language-server.llmls]\ncommand = \"" + program + "\"\nconfig = { baseUrl = \"" + evil + "\" }\n",
		".zed/settings.json":         string(vscode),
		".nvim.lua":                  "vim.env.OPENAI_BASE_URL = '" + evil + "'",
		".netrc":                     "machine 127.0.0.1 login evil password sk-evil\n",
		".curlrc":                    "proxy = " + evil,
		"llmls.toml":                 toml,
		".llmls.toml":                toml,
		"config.toml":                toml,
		"llmls/config.toml":          toml,
		".config/llmls/config.toml":  toml,
		"config/llmls/config.toml":   toml,
		".local/state/llmls/trust/x": `{"origin":"` + evil + `","keySource":"OPENAI_API_KEY"}`,
		"evil.pem":                   "-----BEGIN CERTIFICATE-----\n",
		"resolv.conf":                "nameserver 127.0.0.1\n",
		"total.py":                   document,
		program:                      "#!/bin/sh\ntouch '" + r.ran + "'\necho sk-evil\n",
		"dbus-launch":                "#!/bin/sh\ntouch '" + r.ran + "'\n",
		"sh":                         "#!/bin/sh\ntouch '" + r.ran + "'\n",
	} {
		path := filepath.Join(r.dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

// settings are those that no editor may set, and some that nobody can.
func (r *repository) settings() map[string]any {
	return map[string]any{
		"apiKeyEnv":     "EVIL_KEY",
		"apiKeyCommand": []string{filepath.Join(r.dir, program)},
		"logFile":       r.wrote,
		"caFile":        filepath.Join(r.dir, "evil.pem"),
		"redirect":      true,
		"insecure":      true,
	}
}

// unclear are settings that nobody can make, and that seem to say where code
// goes: for them, nothing is sent.
func (r *repository) unclear() map[string]any {
	return map[string]any{
		"apiKey":    "sk-evil",
		"headers":   map[string]any{"Authorization": "Bearer sk-evil", "Host": r.evil.origin},
		"proxy":     r.evil.origin,
		"httpProxy": r.evil.origin,
		"openai":    map[string]any{"proxy": r.evil.origin},
		"base_url":  r.evil.origin,
		"timeouts":  map[string]any{"baseUrl": r.evil.origin},
		"trusted":   []string{r.evil.origin},
	}
}

// checkNothingRan is for the end, when llmls has answered.
func (r *repository) checkNothingRan(t *testing.T) {
	t.Helper()
	for _, path := range []string{r.ran, r.wrote} {
		if _, err := os.Stat(path); err == nil {
			t.Errorf("%s is there", filepath.Base(path))
		}
	}
}

// owner is the account of somebody who opens the repository: the endpoint is
// his own, and his key comes from a program of his own that PATH leads to after
// the working directory.
func (r *repository) owner(t *testing.T, u *completiontest.Upstream) *process.Home {
	t.Helper()
	h := llmls.Home(t, u.URL, calm+"apiKeyCommand = [\""+program+"\"]\n")
	h.Unset("OPENAI_API_KEY", "PATH")
	own := h.Write(t, "bin/"+program, "#!/bin/sh\nenv > \"$HOME/environment\"\npwd > \"$HOME/directory\"\necho "+process.Key+"\n")
	if err := os.Chmod(own, 0o700); err != nil {
		t.Fatal(err)
	}
	h.Env = append(h.Env, "PATH=.::"+"relative:"+filepath.Dir(own)+":"+os.Getenv("PATH"), "EVIL_KEY=sk-evil-from-the-environment", "OPENAI_API_KEY=sk-not-wanted")
	h.WorkDir = r.dir
	return h
}

// What lies in a workspace changes nothing: not in the editor, not in a
// terminal.
func TestRepositoryFiles(t *testing.T) {
	t.Parallel()
	r, u := newRepository(t), completiontest.NewUpstream(t)
	h := r.owner(t, u)
	s := start(t, h)
	s.Initialized("", r.dir)
	s.Open(uri, "python", document)
	s.answered(u, process.Key)
	for _, args := range [][]string{{"ask", "why?"}, {"explain", "total.py"}, {"check"}} {
		h.Run(t, args...).Exits(0)
		if got := authorization(t, u); got != process.Key {
			t.Errorf("%q: the key that arrived is %q", args, got)
		}
	}
	for _, request := range u.Requests() {
		if strings.Contains(string(request.Body), "evil") {
			t.Errorf("asked for %s", request.Body)
		}
	}
	r.checkNothingRan(t)

	// The program that prints the key runs at home, and is shown no other key.
	environment := readFile(t, filepath.Join(h.Dir, "environment"))
	if strings.Contains(environment, "OPENAI_API_KEY") || !strings.Contains(environment, "EVIL_KEY") {
		t.Errorf("the program's environment is %s", environment)
	}
	if dir := strings.TrimSpace(readFile(t, filepath.Join(h.Dir, "directory"))); dir != h.Dir {
		t.Errorf("the program ran in %s", dir)
	}
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// What an editor sends may come from the repository, in every form and by every
// way that settings have.
func TestRepositorySettings(t *testing.T) {
	t.Parallel()
	forms := map[string]func(map[string]any) any{
		"bare":   func(all map[string]any) any { return all },
		"nested": func(all map[string]any) any { return map[string]any{"llmls": all} },
		"dotted": func(all map[string]any) any {
			dotted := map[string]any{}
			for name, value := range all {
				dotted["llmls."+name] = value
			}
			return dotted
		},
		"mixed": func(all map[string]any) any {
			mixed := map[string]any{"llmls": all, "other": all}
			for name, value := range all {
				mixed[name] = value
				mixed["llmls."+name] = value
			}
			return mixed
		},
	}
	ways := []string{"initializationOptions", "workspace/configuration", "workspace/didChangeConfiguration"}
	for form, shape := range forms {
		for _, way := range ways {
			t.Run(form+" by "+way, func(t *testing.T) {
				t.Parallel()
				r, u := newRepository(t), completiontest.NewUpstream(t)
				h := r.owner(t, u)
				all := r.settings()
				s := r.open(t, h, way, shape(all))
				s.answered(u, process.Key)

				all["baseUrl"] = r.evil.origin
				s = r.open(t, h, way, shape(all))
				_, err := s.explain("evil")
				s.refused(err, r.evil.origin)

				for name, value := range r.unclear() {
					s = r.open(t, h, way, shape(map[string]any{name: value, "apiKeyEnv": "EVIL_KEY"}))
					_, err := s.explain(name)
					if kind, sentence, _ := failure(t, err); kind != "config" || !strings.HasPrefix(sentence, "Correct your settings: "+name) {
						t.Errorf("%s: failed with %s, %q", name, kind, sentence)
					}
				}
				if n := len(u.Requests()); n != 1 {
					t.Errorf("%d requests", n)
				}
				r.checkNothingRan(t)
			})
		}
	}
}

// open starts a server that has the settings by that way when it returns.
func (r *repository) open(t *testing.T, h *process.Home, way string, settings any) *server {
	t.Helper()
	params := map[string]any{
		"processId": nil, "workspaceFolders": []any{map[string]any{"uri": "file://" + r.dir, "name": "evil"}},
		"capabilities": map[string]any{"workspace": map[string]any{"configuration": way == "workspace/configuration"}},
	}
	if way == "initializationOptions" {
		params["initializationOptions"] = settings
	}
	h.Reply = func(m message) any {
		if m.Method == "workspace/configuration" {
			return []any{settings}
		}
		return nil
	}
	s := start(t, h)
	_, err := s.Initialize(s.Context(), params)
	s.Must(err)
	if way == "workspace/didChangeConfiguration" {
		s.Must(s.Notify(way, map[string]any{"settings": settings}))
	}
	s.Await("the settings are wrong", func(m message) bool {
		return m.Method == "window/showMessage" && strings.Contains(string(m.Params), "Correct your settings:")
	})
	s.Open(uri, "python", document)
	return s
}

// A home that is no absolute path would be whatever directory llmls was started
// in: nothing there is read for a setting, and nothing written.
func TestRelativeHome(t *testing.T) {
	t.Parallel()
	for _, relative := range []string{"HOME=.", "HOME=home", "HOME=./", "HOME=", "XDG_CONFIG_HOME=.", "XDG_CONFIG_HOME=.config", "XDG_STATE_HOME=.local/state"} {
		t.Run(relative, func(t *testing.T) {
			t.Parallel()
			r, u := newRepository(t), completiontest.NewUpstream(t)
			toml := readFile(t, filepath.Join(r.dir, "llmls.toml"))
			for _, home := range []string{"home/.config/llmls", ".config/llmls", "llmls"} {
				if err := os.MkdirAll(filepath.Join(r.dir, home), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(r.dir, home, "config.toml"), []byte(toml), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			h := llmls.Home(t, u.URL, "")
			h.Unset("XDG_CONFIG_HOME", "XDG_STATE_HOME", "HOME")
			h.Env = append(h.Env, relative)
			h.WorkDir = r.dir
			before := files(t, r.dir)
			start(t, h).ready().answered(u, process.Key)
			h.Run(t, "ask", "why?").Exits(0)
			if got := authorization(t, u); got != process.Key {
				t.Errorf("the key that arrived is %q", got)
			}
			h.Run(t, "trust", "https://relay.example").Exits(1)
			h.Run(t, "setup", "helix", "--write", "go")
			r.checkNothingRan(t)
			if after := files(t, r.dir); after != before {
				t.Errorf("there were the files\n%s\nand now there are\n%s", before, after)
			}
		})
	}
}

// files lists what is below dir.
func files(t *testing.T, dir string) string {
	t.Helper()
	var list strings.Builder
	err := filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		list.WriteString(path + "\n")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list.String()
}
