//go:build linux

package faults

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"unicode/utf16"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/test/process"
)

// A watched account reaches the network only through a proxy that records each
// request and refuses it. The proxy has a name, so that connecting to it is seen
// too: Go prints which names it looks up.
type watched struct {
	*process.Home
	t     *testing.T
	proxy string // its address

	mu     sync.Mutex
	wanted []string
}

func watch(t *testing.T, h *process.Home) *watched {
	t.Helper()
	w := &watched{Home: h, t: t}
	proxy := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		w.wanted = append(w.wanted, r.Method+" "+r.Host)
		w.mu.Unlock()
		rw.WriteHeader(http.StatusForbidden)
	}))
	t.Cleanup(proxy.Close)
	w.proxy = strings.Replace(proxy.URL, "127.0.0.1", "localhost", 1)
	h.Env = append(h.Env, "HTTPS_PROXY="+w.proxy, "HTTP_PROXY="+w.proxy, "GODEBUG=netdns=go+2")
	return w
}

// lookedUp is what Go prints for each name that is looked up.
const lookedUp = "hostLookupOrder("

func (w *watched) seen() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]string(nil), w.wanted...)
}

// nowhere fails the test if the process that printed said looked up a name or
// reached the proxy.
func (w *watched) nowhere(said string) {
	w.t.Helper()
	if seen := w.seen(); len(seen) > 0 || strings.Contains(said, lookedUp) {
		w.t.Errorf("to be reached were %q; the program said %q", seen, said)
	}
}

// refuses fails the test unless every way to ask fails for the same sentence,
// which it returns, and none of them reaches out. options is what the editor
// sends.
func (w *watched) refuses(options any) (sentence string) {
	t := w.t
	t.Helper()
	s := start(t, w.Home)
	_, err := s.Initialize(s.Context(), map[string]any{"processId": nil, "capabilities": map[string]any{}, "initializationOptions": options})
	s.Must(err)
	s.Open(uri, "python", document)
	_, err = s.explain("t")
	kind, sentence, code := failure(t, err)
	if kind != "config" || code != -32803 {
		t.Fatalf("failed with %s, %d, %q", kind, code, sentence)
	}
	s.saysFirst(sentence)
	if kind, again, _ := failure(t, s.Command("llmls.models", map[string]any{}, nil)); kind != "config" || again != sentence {
		t.Errorf("llmls.models fails with %s, %q", kind, again)
	}
	s.Must(s.Command("llmls.ask", place("question", "why?"), nil))
	s.Await("the failure in the background", func(m message) bool {
		return m.Method == "window/showMessage" && strings.Contains(string(m.Params), `"type":1`)
	})
	var dry struct{ URL, Body, KeySource string }
	s.Must(s.Command("llmls.explain", place("dryRun", true), &dry))
	if dry.URL != "" || !strings.Contains(dry.Body, process.Code) || !strings.HasSuffix(dry.KeySource, sentence) {
		t.Errorf("a dry run says %+v", dry)
	}
	w.nowhere(s.Stderr.String())
	return sentence
}

// saysFirst fails the test unless the first message of the session begins with
// sentence.
func (s *server) saysFirst(sentence string) {
	s.t.Helper()
	var shown struct{ Message string }
	s.Must(json.Unmarshal(s.AwaitMethod("window/showMessage").Params, &shown))
	if !strings.HasPrefix(shown.Message, sentence) {
		s.t.Errorf("the first message is %q, want %q", shown.Message, sentence)
	}
}

// refusesOnTheCommandLine is refuses for the command line.
func (w *watched) refusesOnTheCommandLine(sentence string) {
	w.t.Helper()
	file := w.Write(w.t, "w/total.py", document)
	for _, line := range [][]string{{"ask", "why?"}, {"explain", file}, {"check"}, {"settings"}, {"explain", "--dry-run", file}} {
		c := w.Run(w.t, line...)
		if line[0] == "settings" || len(line) == 3 {
			c.Exits(0)
		} else {
			c.Exits(1)
		}
		c.Says(sentence)
		w.nowhere(c.Stderr.String())
	}
}

// The proxy and the output show it if llmls does reach out.
func TestWatchIsSharp(t *testing.T) {
	t.Parallel()
	h := llmls.Home(t, "", calm)
	h.Unset("OPENAI_BASE_URL")
	w := watch(t, h)
	c := w.Run(t, "ask", "why?")
	c.Exits(1)
	if seen := w.seen(); len(seen) != 1 || seen[0] != "CONNECT api.openai.com:443" || !strings.Contains(c.Stderr.String(), lookedUp+"localhost)") {
		t.Errorf("with a key, to be reached were %q; the program said %q", seen, c.Stderr.String())
	}
}

// Without a key and without an endpoint that somebody chose, code goes nowhere:
// an editor that was started from the desktop does not see what a shell exports.
func TestNoKeyNoEndpoint(t *testing.T) {
	t.Parallel()
	builtIn := map[string]any{"baseUrl": "https://api.openai.com/v1"}
	for name, test := range map[string]struct {
		config  string
		env     []string
		options any
	}{
		"nothing is set":               {},
		"other things are set":         {config: calm + "model = 'gpt-5'\n"},
		"the key is blank":             {env: []string{"OPENAI_API_KEY= \t"}},
		"the key stands in for one":    {env: []string{"OPENAI_API_KEY=sk-no-key-required"}},
		"so does a word":               {env: []string{"OPENAI_API_KEY=none"}},
		"it is an example":             {env: []string{"OPENAI_API_KEY=sk-your-key-here"}},
		"it is a variable's name":      {env: []string{"OPENAI_API_KEY=${MY_OPENAI_KEY}"}},
		"it is to be changed":          {env: []string{"OPENAI_API_KEY=CHANGE_ME"}},
		"it is where the key is":       {env: []string{"OPENAI_API_KEY=op://vault/item/key"}},
		"the base URL is blank":        {env: []string{"OPENAI_BASE_URL= "}},
		"the key is in another place":  {config: "apiKeyEnv = 'MY_KEY'\n", env: []string{"OPENAI_API_KEY=" + process.Key}},
		"the editor sends the default": {options: map[string]any{"llmls": builtIn}},
		"in another spelling":          {options: map[string]any{"baseUrl": "API.openai.com:443"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := llmls.Home(t, "", test.config)
			h.Unset("OPENAI_BASE_URL", "OPENAI_API_KEY")
			h.Env = append(h.Env, test.env...)
			w := watch(t, h)
			sentence := w.refuses(test.options)
			if !strings.HasPrefix(sentence, "Choose an endpoint: set baseUrl in "+filepath.Join(h.Dir, "config/llmls/config.toml")) ||
				!strings.Contains(sentence, "llmls check") || !strings.Contains(sentence, "desktop") {
				t.Errorf("the sentence is %q", sentence)
			}
			w.refusesOnTheCommandLine(sentence)

			u := completiontest.NewUpstream(t)
			s := start(t, w.Home).ready()
			if _, err := s.explain("t"); err == nil {
				t.Error("an answer, though nobody chose an endpoint")
			}
			h.Configure(t, calm+"baseUrl = '"+u.URL+"'\napiKeyEnv = 'NONE'\n")
			if test.options == nil {
				s.answered(u, "") // it is chosen while the server runs
			}
		})
	}
}

// An editor that pushes its settings has chosen before anybody is told that
// nobody did.
func TestEndpointIsPushed(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	h := llmls.Home(t, "", calm)
	h.Unset("OPENAI_BASE_URL", "OPENAI_API_KEY")
	s := start(t, h).ready()
	s.Must(s.Notify("workspace/didChangeConfiguration", map[string]any{"settings": map[string]any{"llmls": map[string]any{"baseUrl": u.URL}}}))
	s.answered(u, "")
	for _, m := range s.Seen() {
		if m.Method == "window/showMessage" {
			t.Errorf("a person was told %s", m.Params)
		}
	}
}

// Storing a key is choosing its endpoint; so is naming the built-in one.
func TestBuiltInEndpointIsChosen(t *testing.T) {
	t.Parallel()
	for name, choose := range map[string]func(*process.Home){
		"by login":           func(h *process.Home) { login(t, h, storedKey, "--file").Exits(0) },
		"by a program":       func(h *process.Home) { h.Configure(t, calm+"apiKeyCommand = ['/bin/echo', '"+storedKey+"']\n") },
		"by config.toml":     func(h *process.Home) { h.Configure(t, calm+"baseUrl = 'https://api.openai.com/v1'\n") },
		"by the environment": func(h *process.Home) { h.Env = append(h.Env, "OPENAI_BASE_URL=api.openai.com") },
	} {
		h := llmls.Home(t, "", calm)
		h.Unset("OPENAI_BASE_URL", "OPENAI_API_KEY")
		choose(h)
		w := watch(t, h)
		w.Run(t, "ask", "why?").Exits(1)
		if seen := w.seen(); len(seen) != 1 || seen[0] != "CONNECT api.openai.com:443" {
			t.Errorf("%s: to be reached were %q", name, seen)
		}
	}
}

func utf16Text(text string, littleEndian bool) string {
	var raw []byte
	for _, unit := range utf16.Encode([]rune("\ufeff" + text)) {
		if littleEndian {
			raw = append(raw, byte(unit), byte(unit>>8))
		} else {
			raw = append(raw, byte(unit>>8), byte(unit))
		}
	}
	return string(raw)
}

// What config.toml says where code goes is not known if the file cannot be read.
func TestUnreadableConfig(t *testing.T) {
	t.Parallel()
	const good = "baseUrl = 'http://127.0.0.1:1'\n"
	text := func(content string) func(*process.Home) { return func(h *process.Home) { h.Configure(t, content) } }
	place := func(put func(path string) error) func(*process.Home) {
		return func(h *process.Home) {
			path := filepath.Join(h.Dir, "config/llmls/config.toml")
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := put(path); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, test := range map[string]struct {
		put  func(*process.Home)
		says string
	}{
		"a word too many":      {text(good + "model 7\n"), "line 2, column 7"},
		"backslashes":          {text(good + "caFile = \"C:\\Users\\me\\ca.pem\"\n"), "in single quotes"},
		"a short escape":       {text(good + "caFile = \"C:\\x\"\n"), "in single quotes"},
		"a merge conflict":     {text(good + "<<<<<<< HEAD\nmodel = 'a'\n=======\nmodel = 'b'\n>>>>>>> x\n"), "line 2, column 1"},
		"set twice":            {text(good + good), "line 2"},
		"an open string":       {text("model = 'a\n" + good), "line 1"},
		"JSON":                 {text(`{"baseUrl": "http://127.0.0.1:1"}`), "line 1, column 1"},
		"YAML":                 {text("baseUrl: http://127.0.0.1:1\n"), "line 1"},
		"no UTF-8":             {text(good + "language = 'fran\xe7ais'\n"), "line 2"},
		"no UTF-8 in a remark": {text("# fran\xe7ais\n" + good), "line 1"},
		"zeros":                {text(strings.Repeat("\x00", 512)), "line 1, column 1"},
		"UTF-16 without mark":  {text(utf16Text(good, true)[2:]), "line 1"},
		"UTF-16, cut":          {text(utf16Text(good, false) + "x"), "line 2"},
		"UTF-16, wrong":        {text(utf16Text(good+"model 7", true)), "line 2, column 7"},
		"too large":            {text(good + strings.Repeat("#", 2<<20)), "larger than 1 MiB"},
		"a directory":          {place(func(path string) error { return os.Mkdir(path, 0o700) }), "not a regular file"},
		"a link to nothing":    {place(func(path string) error { return os.Symlink(path+".gone", path) }), "cannot be read"},
		"a link to itself":     {place(func(path string) error { return os.Symlink(path, path) }), "cannot be read"},
		"below a link to nothing": {func(h *process.Home) {
			below := filepath.Join(h.Dir, "config")
			if err := errors.Join(os.MkdirAll(below, 0o700), os.Symlink("gone", filepath.Join(below, "llmls"))); err != nil {
				t.Fatal(err)
			}
		}, "cannot be read"},
		"far below one": {func(h *process.Home) {
			if err := errors.Join(os.RemoveAll(filepath.Join(h.Dir, "config")), os.Symlink("gone", filepath.Join(h.Dir, "config"))); err != nil {
				t.Fatal(err)
			}
		}, "cannot be read"},
		"below a file": {func(h *process.Home) { h.Write(t, "config/llmls", "") }, "cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, u := newEvil(t), completiontest.NewUpstream(t)
			h := llmls.Home(t, "", "")
			h.Unset("OPENAI_BASE_URL")
			test.put(h)
			w := watch(t, h)
			sentence := w.refuses(nil)
			if path := filepath.Join(h.Dir, "config/llmls/config.toml"); !strings.HasPrefix(sentence, "Correct your settings: "+path+": ") || !strings.Contains(sentence, test.says) {
				t.Errorf("the sentence is %q, want %q in it", sentence, test.says)
			}
			w.refusesOnTheCommandLine(sentence)
			w.refuses(map[string]any{"baseUrl": e.origin}) // whatever an editor names beside it
			w.refuses(map[string]any{"baseUrl": u.URL})
			s := start(t, h).ready()
			if _, err := s.explain("t"); err == nil {
				t.Error("an answer, though the file is as it was")
			}
			h.Env = append(h.Env, "OPENAI_BASE_URL="+u.URL)
			start(t, h).ready().answered(u, process.Key)
			// A server that runs takes into account that the file was mended.
			if err := os.RemoveAll(filepath.Join(h.Dir, "config")); err != nil {
				t.Fatal(err)
			}
			h.Configure(t, calm+"baseUrl = '"+u.URL+"'\n")
			s.answered(u, process.Key)
		})
	}
}

// Editors on Windows write UTF-16: it is read, with its endpoint.
func TestConfigInUTF16(t *testing.T) {
	t.Parallel()
	for _, littleEndian := range []bool{true, false} {
		u := completiontest.NewUpstream(t)
		h := llmls.Home(t, "", utf16Text("# größer 👩\r\nbaseUrl = '"+u.URL+"'\r\nmodel = 'm'\r\n", littleEndian))
		h.Unset("OPENAI_BASE_URL")
		start(t, watch(t, h).Home).ready().answered(u, process.Key)
	}
}
