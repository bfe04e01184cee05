package lsp_test

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"unicode/utf16"

	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/tools/txtar"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/internal/lsp/editor"
	"github.com/llmls/llmls/internal/lsp/lsptest"
)

var update = flag.Bool("update", false, "rewrite the transcripts in testdata/session")

// TestSessions plays each script in testdata/session and compares what the
// server said with the transcript. A script is a txtar archive: prose that says
// what it shows, then
//
//	client    the client's capabilities as JSON, or the name of a file in testdata/clients
//	settings  initializationOptions
//	env       NAME=value lines
//	press     the button that the person presses when asked
//	upstream  what the endpoint does, a step a line; "next" begins the script of
//	          the next request; the last one serves all further ones
//	editor    what the editor does, a step a line
//	want      the transcript
//
// and any other file, which is a document of file:///w, in which «» mark the
// range that $range(file) stands for in the editor's steps; $uri(file) stands
// for its URI, and $conversation(name) for that of the answer to a command.
func TestSessions(t *testing.T) {
	files, err := filepath.Glob("testdata/session/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no sessions: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			p := &play{t: t, files: map[string]string{}, pending: map[string]*editor.Pending{}, conversations: map[string]string{}}
			want := ""
			for _, f := range archive.Files {
				if f.Name == "want" {
					want = string(f.Data)
				} else {
					p.files[f.Name] = string(f.Data)
				}
			}
			got := p.run()
			if *update {
				archive.Files = slices.DeleteFunc(archive.Files, func(f txtar.File) bool { return f.Name == "want" })
				archive.Files = append(archive.Files, txtar.File{Name: "want", Data: []byte(got)})
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if got != want {
				t.Errorf("%s: the transcript is now\n%s\nand was\n%s\n(go test ./internal/lsp -run Sessions -update rewrites it)", file, got, want)
			}
		})
	}
}

// A play is one script as it runs.
type play struct {
	t             *testing.T
	files         map[string]string
	session       *lsptest.Session
	upstream      *completiontest.Upstream
	pending       map[string]*editor.Pending
	conversations map[string]string // conversation, by the name of the command

	mu         sync.Mutex
	transcript strings.Builder
}

func (p *play) run() string {
	p.upstream = completiontest.NewUpstream(p.t)
	p.upstream.Scripts(p.scripts()...)
	env := map[string]string{"OPENAI_BASE_URL": p.upstream.URL, "OPENAI_API_KEY": "sk-canary-0123456789"}
	for line := range strings.Lines(p.files["env"]) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		env[name] = value
	}
	p.session = lsptest.Start(p.t, lsptest.Options{Env: env, Reply: p.reply})
	if _, err := p.session.Initialize(p.session.Context(), p.initialize()); err != nil {
		p.t.Fatal(err)
	}
	for line := range strings.Lines(p.files["editor"]) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			p.say("→ " + line)
			p.step(line)
		}
	}
	if err := p.session.Call(p.session.Context(), "shutdown", nil, nil); err != nil {
		p.t.Error(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if strings.Contains(p.transcript.String(), "sk-canary") {
		p.t.Error("the key is in the transcript")
	}
	return p.transcript.String()
}

func (p *play) initialize() map[string]any {
	params := map[string]any{"capabilities": map[string]any{}}
	if client := strings.TrimSpace(p.files["client"]); strings.HasPrefix(client, "{") {
		params["capabilities"] = jsontext.Value(client)
	} else if client != "" {
		raw, err := os.ReadFile(filepath.Join("testdata", "clients", client+".json"))
		if err == nil {
			err = json.Unmarshal(raw, &params)
		}
		if err != nil {
			p.t.Fatal(err)
		}
	}
	params["processId"] = nil
	params["workspaceFolders"] = []any{map[string]any{"uri": "file:///w", "name": "w"}}
	if options := p.files["settings"]; options != "" {
		params["initializationOptions"] = jsontext.Value(options)
	}
	return params
}

// reply answers workspace/configuration as VS Code does that has no setting,
// and does what else it is asked to.
func (p *play) reply(m editor.Message) any {
	switch m.Method {
	case "workspace/configuration":
		return []any{nil}
	case "window/showDocument":
		return map[string]any{"success": true}
	case "workspace/applyEdit":
		return map[string]any{"applied": true}
	case "window/showMessageRequest":
		return map[string]any{"title": strings.TrimSpace(p.files["press"])}
	}
	return nil
}

func (p *play) scripts() [][]completiontest.Step {
	scripts := [][]completiontest.Step{{}}
	for line := range strings.Lines(p.files["upstream"]) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		text := ""
		if i := strings.IndexByte(line, '"'); i >= 0 {
			var err error
			if text, err = strconv.Unquote(strings.TrimSpace(line[i:])); err != nil {
				p.t.Fatalf("%s: %v", line, err)
			}
		}
		var step completiontest.Step
		switch words[0] {
		case "next":
			scripts = append(scripts, nil)
			continue
		case "delta":
			step = completiontest.Delta(text)
		case "reasoning":
			step = completiontest.Reasoning(text)
		case "event":
			step = completiontest.Event(text)
		case "send":
			step = completiontest.Send(text)
		case "pause":
			step = completiontest.Pause(words[1])
		case "finish":
			step = completiontest.Finish(words[1])
		case "usage":
			step = completiontest.Usage(10, 3)
		case "done":
			step = completiontest.Done()
		case "cut":
			step = completiontest.Cut()
		case "error":
			status, err := strconv.Atoi(words[1])
			if err != nil {
				p.t.Fatal(err)
			}
			step = completiontest.Error(status, words[2], text)
		default:
			p.t.Fatalf("the endpoint cannot %s", line)
		}
		scripts[len(scripts)-1] = append(scripts[len(scripts)-1], step)
	}
	return scripts
}

// step does one step of the editor.
func (p *play) step(line string) {
	words := strings.Fields(line)
	rest := func(n int) jsontext.Value {
		return jsontext.Value(p.expand(strings.Join(words[n:], " ")))
	}
	switch s := p.session; words[0] {
	case "open": // open FILE LANGUAGE
		text, _ := p.document(words[1])
		s.Open("file:///w/"+words[1], words[2], text)
	case "notify": // notify METHOD PARAMS
		s.Must(s.Notify(words[1], rest(2)))
	case "request": // request NAME METHOD PARAMS
		pending, err := s.Start(words[2], rest(3))
		s.Must(err)
		p.pending[words[1]] = pending
	case "command": // command NAME COMMAND ARGUMENT
		p.pending[words[1]] = s.StartCommand(words[2], rest(3))
	case "cancel": // cancel NAME
		s.Must(p.pending[words[1]].Cancel())
	case "await": // await NAME: the response, after everything that came before it
		id := p.pending[words[1]].ID
		p.until(words[1], func(m editor.Message) bool { return m.Method == "" && string(m.ID) == id })
	case "expect": // expect METHOD [TEXT]: the next such message
		text := strings.Join(words[2:], " ")
		p.until(line, func(m editor.Message) bool {
			return m.Method == words[1] && strings.Contains(string(m.Params), text)
		})
	case "all": // all NAME METHOD[:TEXT]…: these, in whatever order they come
		p.all(words[1:])
	case "paused":
		p.upstream.WaitPaused(words[1])
	case "resume":
		p.upstream.Resume(words[1])
	case "gone": // the endpoint sees the connection closed
		p.upstream.Next().WaitDone(p.t)
	default:
		p.t.Fatalf("the editor cannot %s", line)
	}
}

// until waits for a message and writes down all that come up to it.
func (p *play) until(what string, match func(editor.Message) bool) {
	p.t.Helper()
	p.session.Await(what, func(m editor.Message) bool {
		p.write(m)
		return match(m)
	})
}

// all waits for messages whose order is open, and writes them down sorted.
func (p *play) all(wanted []string) {
	p.t.Helper()
	var came []editor.Message
	p.session.Await(strings.Join(wanted, ", "), func(m editor.Message) bool {
		came = append(came, m)
		wanted = slices.DeleteFunc(wanted, func(what string) bool {
			method, text, _ := strings.Cut(what, ":")
			pending, isCall := p.pending[what]
			return isCall && m.Method == "" && string(m.ID) == pending.ID ||
				m.Method == method && strings.Contains(string(m.Params), text)
		})
		return len(wanted) == 0
	})
	slices.SortFunc(came, func(a, b editor.Message) int {
		return cmp.Or(strings.Compare(a.Method, b.Method), strings.Compare(string(a.Params), string(b.Params)), strings.Compare(string(a.ID), string(b.ID)))
	})
	for _, m := range came {
		p.write(m)
	}
}

// write adds a message to the transcript. Reports are left out: how many there
// are depends on the clock.
func (p *play) write(m editor.Message) {
	switch {
	case m.Method != "" && strings.Contains(string(m.Params), `"kind":"report"`):
	case m.Method != "":
		p.say("← " + m.Method + " " + string(m.Params))
	default:
		for name, pending := range p.pending {
			if pending.ID == string(m.ID) && m.Error != nil {
				p.say(fmt.Sprintf("← %s failed %d %s %s", name, m.Error.Code, m.Error.Message, m.Error.Data))
			} else if pending.ID == string(m.ID) {
				var result struct{ Conversation string }
				_ = json.Unmarshal(m.Result, &result) // most have none
				p.conversations[name] = result.Conversation
				p.say("← " + name + " " + string(m.Result))
			}
		}
	}
}

var volatile = []struct {
	what *regexp.Regexp
	with string
}{
	{regexp.MustCompile(`[A-Z2-7]{6}-(\d+)`), "ID-$1"},
	{regexp.MustCompile(`/[^" ]*/answers/(\w+)-[A-Z2-7]{6}\.md`), "/STATE/answers/$1-ID.md"},
	{regexp.MustCompile(`127\.0\.0\.1:\d+`), "127.0.0.1:PORT"},
	{regexp.MustCompile(`Ms":\d+`), `Ms":0`},
	{regexp.MustCompile(`\d+(\.\d)? m?s\b`), "0.0 s"},
	{regexp.MustCompile(`("kind":"begin","title":"[^"]*","cancellable":true),"message":"[^"]*"`), "$1"}, // as reports: text that came before the client agreed
	{regexp.MustCompile(`unable to unmarshal`), "cannot unmarshal"},                                     // the decoder's words change from build to build
}

func (p *play) say(line string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, v := range volatile {
		line = v.what.ReplaceAllString(line, v.with)
	}
	p.transcript.WriteString(line + "\n")
}

var reference = regexp.MustCompile(`\$(uri|range|conversation)\(([^)]*)\)`)

func (p *play) expand(s string) string {
	return reference.ReplaceAllStringFunc(s, func(ref string) string {
		m := reference.FindStringSubmatch(ref)
		switch m[1] {
		case "uri":
			return strconv.Quote("file:///w/" + m[2])
		case "conversation":
			return strconv.Quote(p.conversations[m[2]])
		}
		_, rng := p.document(m[2])
		raw, err := json.Marshal(rng)
		if err != nil {
			p.t.Fatal(err)
		}
		return string(raw)
	})
}

// document returns a file without its marks, and the range between them, in
// UTF-16, which is what a client gets that does not ask for anything else.
func (p *play) document(name string) (string, map[string]any) {
	text, ok := p.files[name]
	if !ok {
		p.t.Fatalf("there is no file %s", name)
	}
	before, rest, _ := strings.Cut(text, "«")
	inside, after, _ := strings.Cut(rest, "»")
	at := func(s string) (line, character int) {
		return strings.Count(s, "\n"), len(utf16.Encode([]rune(s[strings.LastIndexByte(s, '\n')+1:])))
	}
	startLine, startCharacter := at(before)
	endLine, endCharacter := at(before + inside)
	return before + inside + after, lsptest.Range(startLine, startCharacter, endLine, endCharacter)
}
