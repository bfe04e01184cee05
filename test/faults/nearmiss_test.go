//go:build linux

package faults

import (
	"fmt"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/test/process"
)

// What comes close to a setting that decides where code goes, or with which key
// or header, is not taken for nothing.
func TestNearMisses(t *testing.T) {
	t.Parallel()
	for _, config := range []string{
		"baseURL = 'x'", "base_url = 'x'", "base-url = 'x'", "baseurl = 'x'", "BaseUrl = 'x'", "BASE_URL = 'x'", "'base url' = 'x'", "baesUrl = 'x'", "baseUr = 'x'",
		"baseUri = 'x'", "url = 'x'", "host = 'x'", "server = 'x'", "apiBase = 'x'", "api_base = 'x'", "api_base_url = 'x'", "openai_api_base = 'x'", "openaiBaseUrl = 'x'",
		"endpoint = 'work'", "endpont = 'x'", "end_point = 'x'", "Endpoint = 'x'", "endpoints = []", "llmls_base_url = 'x'", "'base\u200bUrl' = 'x'", "'b\u0430seUrl' = 'x'",
		"openai.baseUrl = 'x'", "[openai]\nbase_url = 'x'", "[openai.settings]\nbaseUrl = 'x'", "[api]\nbaseUrl = 'x'", "base.url = 'x'", "[endpont.work]\nbaseUrl = 'x'", "[endpoint.work]\nmodel = 'x'",
		"[[providers]]\nbase_url = 'x'", "[LLMLS]\nbaseUrl = 'x'", "[llms]\nbaseUrl = 'x'", "[timeouts]\nbaseUrl = 'x'", "[llmls]\nbase_url = 'x'", "proxyTo = 'https://x.example'", "mirrors = ['http://127.0.0.1:1']",
		"apiKey = 'x'", "api_key = 'x'", "apikey = 'x'", "key = 'x'", "openai.api_key = 'x'", "apiKeyVar = 'x'", "api_key_env = 'x'", "apiKeyenv = 'x'", "ApiKeyEnv = 'x'", "keyEnv = 'x'",
		"apiKeyHelper = 'x'", "api_key_file = '/x'", "modelUrl = 'x'", "endpointName = 'x'", "baseUrlDefault = 'x'",
		"apiKeyCmd = ['x']", "api_key_command = ['x']", "keyCommand = ['x']", "apiKeyComand = ['x']", "token = 'x'", "authorization = 'x'",
		"headers = []", "header = {}", "Headers = {}", "extraHeaders = {}", "http_headers = {}", "header.x = 'y'", "api = 'rest'", "api = {}", "fallback = 'x'", "fallbacks = ['x']",
		"cafile = '/x'", "ca_file = '/x'", "caCert = '/x'", "ca = '/x'", "caBundle = '/x'", "certFile = '/x'",
		"servers.w.host = 'relay.example.com'", "[anthropic]\nserver = 'relay.example.com'", "[foo]\nbase = 'relay.example.com'", "target = 'relay.example.com'", "domain = 'relay.example.com'", "x = 'relay.example.com/v1'",
		"x = 'localhost:11434'", "x = 'localhost'", "x = 'WS://relay'", "x = ['10.0.0.7']", "x = '[::1]:8080'", "x = 'gateway:8080'", "x = '//relay.example.com/v1'", "x = 'relay.example.com.:443'", "x = 'example.ai'",
		"['relay.example.com']\nmodel = 'x'", "['https://relay/v1']\nmodel = 'x'", "[x.'localhost:11434']\nmodel = 'x'", "[history]\nkeep = 'relay.example.com'", "endpoint = ''\n[endpoints.work]\nbaseUrl = 'https://x.example'",
		"llmls = 'x'", "llmls = 1", "llmls = ['relay']", "[[llmls]]\nmodel = 'x'", "history = 'https://x.example'", "context = ['https://x.example']", "timeouts = [['https://x.example']]",
		"[[history]]\nbaseUrl = 'x'", "[[context]]\n[[context.more]]\napi_base = 'x'",
		"baseUrl = ''", "baseUrl = 7", "baseUrl = ['x']", "baseUrl = {}", "baseUrl = 'ftp://x'", "baseUrl = 'https://me:secret@x'", "baseUrl = 'a\\b'", "baseUrl = 'https://x y'",
		"apiKeyEnv = ''", "apiKeyEnv = 1", "apiKeyEnv = '$KEY'", "apiKeyEnv = 'sk-abc'", "apiKeyCommand = 'pass show x'", "apiKeyCommand = ['./pass']", "apiKeyCommand = [1]", "caFile = 'ca.pem'", "caFile = 1",
	} {
		t.Run(config, func(t *testing.T) {
			t.Parallel()
			u := completiontest.NewUpstream(t)
			w := watch(t, llmls.Home(t, u.URL, calm+config+"\n"))
			c := w.Run(t, "ask", "why?")
			c.Exits(1)
			c.Says("Correct your settings: ", "config.toml")
			w.nowhere(c.Stderr.String())
			if n := len(u.Requests()); n != 0 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

// An unknown setting of another kind is told, and stops nothing.
func TestOtherUnknownSettings(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	h := llmls.Home(t, u.URL, calm+`modle = 'x'
theme = 'dark'
verbose = true
retry = 1
streaming = true
profile = 'x'
logfle = '/x'
colours = ['red', 'blue']
'$schema' = 'https://json.example/schema'
modell = 'us.meta.llama3-1-70b-instruct-v1:0'
modles = ['gpt-4.1', 'qwen2.5-coder:7b', 'llama3:8b', 'gemma3:270', 'x/y:free', 'org/model.name-1.2', 'claude-sonnet-4.5', 'phi.gguf', 'a.b.gguf']
globs = ['*.env', '**/*.pem', 'main.test.js', 'src/main.py', 'notes.txt', '.env', '.github/x.yml', '/etc/x.conf', 'C:\keys\x.pem', 'file:///x']
versions = ['1.2', '1.2.3', 'v1.20.0', '2m', '12:30', '', 'German', 'en-US', 'e.g.', 'a sentence. Or two.', 'node.js']
[trace]
server = 'verbose'
[ui.float.window]
dev = 1
[ui]
float = { border = 'rounded' }
`)
	h.Env = append(h.Env, "OPENAI_API_BASE=https://relay.example", "OPENAI_ORG_ID=x", "OPENAI_API_TYPE=azure", "LLMLS_THEME=dark")
	others := map[string]any{
		"rust-analyzer": map[string]any{"server": map[string]any{"extraEnv": map[string]any{"url": "https://x.example"}}},
		"yaml":          map[string]any{"schemaStore": map[string]any{"url": "https://x.example"}}, "yaml.schemaStore.url": "https://x.example",
		"ltex": map[string]any{"apiKey": "x", "headers": map[string]any{}}, "trace": "off",
	}
	s := start(t, h)
	_, err := s.Initialize(s.Context(), map[string]any{"capabilities": map[string]any{}})
	s.Must(err)
	s.Open(uri, "python", document)
	s.Must(s.Notify("workspace/didChangeConfiguration", map[string]any{"settings": others}))
	s.answered(u, process.Key)
	h.Run(t, "ask", "why?").Exits(0)
}

// waysOfEditors are those by which an editor sends settings.
func waysOfEditors() []string {
	return []string{"initializationOptions", "workspace/configuration", "workspace/didChangeConfiguration"}
}

// refusesFromEditor fails the test unless nothing is sent anywhere once an editor
// sent options by that way.
func refusesFromEditor(t *testing.T, way string, options any) {
	t.Helper()
	u := completiontest.NewUpstream(t)
	w := watch(t, llmls.Home(t, u.URL, calm))
	params := map[string]any{"capabilities": map[string]any{"workspace": map[string]any{"configuration": way == "workspace/configuration"}}}
	if way == "initializationOptions" {
		params["initializationOptions"] = options
	}
	w.Reply = func(m message) any {
		if m.Method == way {
			return []any{options}
		}
		return nil
	}
	s := start(t, w.Home)
	_, err := s.Initialize(s.Context(), params)
	s.Must(err)
	s.Open(uri, "python", document)
	if way == "workspace/didChangeConfiguration" {
		s.Must(s.Notify(way, map[string]any{"settings": options}))
	}
	_, err = s.explain("t")
	if kind, sentence, _ := failure(t, err); kind != "config" || !strings.HasPrefix(sentence, "Correct your settings: ") || !strings.Contains(sentence, way) {
		t.Errorf("failed with %s, %q", kind, sentence)
	}
	w.nowhere(s.Stderr.String())
	if n := len(u.Requests()); n != 0 {
		t.Errorf("%d requests", n)
	}
}

// An editor's near miss counts too, by whatever way and in whatever form it comes,
// and whatever stands beside it.
func TestNearMissesOfAnEditor(t *testing.T) {
	t.Parallel()
	for name, shape := range map[string]func(setting string, value any) map[string]any{
		"bare": func(setting string, value any) map[string]any { return map[string]any{setting: value} },
		"nested": func(setting string, value any) map[string]any {
			return map[string]any{"llmls": map[string]any{setting: value}}
		},
		"dotted": func(setting string, value any) map[string]any { return map[string]any{"llmls." + setting: value} },
		"nested twice": func(setting string, value any) map[string]any {
			return map[string]any{"llmls": map[string]any{"llmls": map[string]any{setting: value}}}
		},
		"beside a good one": func(setting string, value any) map[string]any {
			return map[string]any{"llmls": map[string]any{setting: value, "baseUrl": "http://127.0.0.1:1"}}
		},
	} {
		for _, way := range waysOfEditors() {
			for setting, value := range map[string]any{
				"base_url": "https://x.example", "endpoints": map[string]any{"work": map[string]any{"baseUrl": "x"}}, "openai": map[string]any{"baseUrl": "x"},
				"openai.apiBase": "x", "apiKeyenv": "X", "headers": map[string]any{"x": "y"}, "baseUrl": 7, "caFile": "rel.pem", "apiKey": "sk-x",
			} {
				if name == "beside a good one" && setting == "baseUrl" {
					continue
				}
				t.Run(fmt.Sprintf("%s, %s by %s", setting, name, way), func(t *testing.T) {
					t.Parallel()
					refusesFromEditor(t, way, shape(setting, value))
				})
			}
		}
	}
}

// Settings of an editor that are no object are not taken for none: they may name
// an endpoint.
func TestSettingsOfAnEditorAreNoObject(t *testing.T) {
	t.Parallel()
	endpoint := map[string]any{"baseUrl": "https://x.example"}
	for _, options := range []any{
		"https://x.example",
		[]any{endpoint, endpoint},
		[]any{[]any{endpoint}},
		map[string]any{"llmls": []any{endpoint}},
		map[string]any{"llmls": "https://x.example"},
		map[string]any{"llmls": 7},
		map[string]any{"llmls": map[string]any{"timeouts": []any{endpoint}}},
		map[string]any{"llmls.context": "https://x.example"},
	} {
		for _, way := range waysOfEditors() {
			t.Run(fmt.Sprintf("%v by %s", options, way), func(t *testing.T) {
				t.Parallel()
				refusesFromEditor(t, way, options)
			})
		}
	}
	for _, way := range []string{"initializationOptions", "workspace/didChangeConfiguration"} {
		refusesFromEditor(t, way, []any{endpoint})
	}
}

// The names that older programs read, and slips of ours, count in the
// environment as well.
func TestNearMissesInTheEnvironment(t *testing.T) {
	t.Parallel()
	for variable, named := range map[string]bool{ // whether it stops what config.toml names an endpoint for
		"OPENAI_API_BASE=https://relay.example": false, "OPENAI_BASE=x": false, "OPENAI_API_BASE_URL=x": false, "OPENAI_BASEURL=x": false, "openai_base_url=x": false,
		"OPENAI_API_HOST=x": false, "OPENAI_ENDPOINT=x": false, "OPENAI_URL=x": false, "OPENAI_BASE_ULR=x": false,
		"LLMLS_BASE_URL=x": true, "LLMLS_BASEURL=x": true, "LLMLS_URL=x": true, "LLMLS_ENDPOINT=x": true, "LLMLS_API_BASE=x": true, "LLMLS_API_KEY=x": true,
		"LLMLS_API_KEY_COMMAND=x": true, "LLMLS_HEADERS=x": true, "LLMLS_CA_FILE=x": true, "OPENAI_BASE_URL=ftp://x": true, "SSL_CERT_FILE=ca.pem": true,
	} {
		t.Run(variable, func(t *testing.T) {
			t.Parallel()
			name, _, _ := strings.Cut(variable, "=")
			h := llmls.Home(t, "", calm)
			h.Unset("OPENAI_BASE_URL")
			h.Env = append(h.Env, variable)
			w := watch(t, h)
			c := w.Run(t, "ask", "why?")
			c.Exits(1)
			c.Says("Correct your settings: ", name)
			w.nowhere(c.Stderr.String())

			u := completiontest.NewUpstream(t)
			h.Configure(t, calm+"baseUrl = '"+u.URL+"'\n")
			h.Run(t, "ask", "why?")
			if sent := len(u.Requests()) > 0; sent == named {
				t.Errorf("beside an endpoint in config.toml: sent %v", sent)
			}
		})
	}
	// A variable of that name may hold the key, if the user says so.
	u := completiontest.NewUpstream(t)
	h := llmls.Home(t, u.URL, calm+"apiKeyEnv = 'LLMLS_API_KEY'\n")
	h.Unset("OPENAI_API_KEY")
	h.Env = append(h.Env, "LLMLS_API_KEY="+process.Key)
	start(t, h).ready().answered(u, process.Key)
}
