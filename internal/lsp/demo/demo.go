// Package demo shows what llmls does on a machine where nothing is set up: the
// real server, as a process of its own, in a real LSP session, against an
// endpoint on this machine with canned text. The demo says that it is canned.
package demo

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/lsp/editor"
)

const (
	model     = "canned-demo"
	document  = "file:///demo/total.py"
	firstLine = 3 // of the selection, 1-based
	lastLine  = 7
)

//go:embed total.py
var code string

// A Screen is where the demo is shown.
type Screen struct {
	Out    io.Writer
	Answer io.WriteCloser // renders the answer on Out
	Styled bool           // Out is a terminal that shows styles
}

// Run shows the demo. server is the command that starts the language server;
// its environment is replaced, so that no setting of the user's and no key can
// reach it.
func Run(ctx context.Context, server *exec.Cmd, screen Screen) error {
	endpoint, err := startUpstream(ctx)
	if err != nil {
		return err
	}
	defer endpoint.close() //nolint:errcheck // nothing is lost with it
	home, err := os.MkdirTemp("", "llmls-demo-")
	if err != nil {
		return fmt.Errorf("making a home for the demo: %w", err)
	}
	defer os.RemoveAll(home) //nolint:errcheck // the system sweeps it
	server.Env = []string{
		"HOME=" + home, "USERPROFILE=" + home, "LocalAppData=" + home, "AppData=" + home,
		"OPENAI_BASE_URL=" + endpoint.url(), "LLMLS_MODEL=" + model,
	}
	s := &session{Screen: screen}
	return s.run(ctx, server)
}

// A session is one demo on the screen.
type session struct {
	Screen
	started time.Time
	first   time.Duration
	deltas  int
}

func (s *session) run(ctx context.Context, server *exec.Cmd) (err error) {
	wire, err := start(server)
	if err != nil {
		return err
	}
	client := editor.Connect(wire, s.see, nil)
	defer func() { err = errors.Join(err, client.Close()) }()

	s.introduce()
	if _, err := client.Initialize(ctx, map[string]any{
		"processId": os.Getpid(), "clientInfo": map[string]string{"name": "llmls demo"}, "rootUri": "file:///demo",
		"capabilities": map[string]any{
			"general":      map[string]any{"positionEncodings": []string{"utf-8"}},
			"textDocument": map[string]any{"codeAction": map[string]any{"codeActionLiteralSupport": map[string]any{"codeActionKind": map[string]any{"valueSet": []string{}}}}},
		},
	}); err != nil {
		return fmt.Errorf("starting the session: %w", err)
	}
	if err := client.Notify("textDocument/didOpen", map[string]any{
		"textDocument": map[string]any{"uri": document, "languageId": "python", "version": 1, "text": code},
	}); err != nil {
		return err
	}
	command, argument, err := s.choose(ctx, client)
	if err != nil {
		return err
	}
	result, err := s.explain(ctx, client, command, argument)
	if err != nil {
		return err
	}
	s.conclude(result)
	if err := client.Call(ctx, "shutdown", nil, nil); err != nil {
		return err
	}
	return client.Notify("exit", nil)
}

// The styles of a terminal that the demo uses (ECMA-48, SGR).
const (
	bold    = "1"
	dim     = "2"
	reverse = "7"
)

func (s *session) styled(style, text string) string {
	if !s.Styled || text == "" {
		return text
	}
	return "\x1b[" + style + "m" + text + "\x1b[0m"
}

func (s *session) introduce() {
	fmt.Fprintf(s.Out, "%s  The server is real; the answer is canned, from an endpoint on\n"+
		"this machine. No key and no network are used.\n\n", s.styled(bold, "llmls demo"))
	for i, line := range strings.Split(strings.TrimSuffix(code, "\n"), "\n") {
		number := fmt.Sprintf("%4d  ", i+1)
		if i+1 >= firstLine && i+1 <= lastLine {
			fmt.Fprintln(s.Out, s.styled(dim, number)+s.styled(reverse, line))
		} else {
			fmt.Fprintln(s.Out, s.styled(dim, number)+line)
		}
	}
	fmt.Fprintln(s.Out)
}

// choose asks for the code actions on the selection and takes the first.
func (s *session) choose(ctx context.Context, client *editor.Editor) (string, map[string]any, error) {
	var actions []struct {
		Title   string
		Command struct {
			Command   string
			Arguments []map[string]any
		}
	}
	err := client.Call(ctx, "textDocument/codeAction", map[string]any{
		"textDocument": map[string]any{"uri": document},
		"range": map[string]any{
			"start": map[string]int{"line": firstLine - 1, "character": 0},
			"end":   map[string]int{"line": lastLine, "character": 0},
		},
		"context": map[string]any{"diagnostics": []any{}},
	}, &actions)
	if err != nil {
		return "", nil, fmt.Errorf("asking for code actions: %w", err)
	}
	if len(actions) == 0 || len(actions[0].Command.Arguments) != 1 {
		return "", nil, errors.New("the server offered no code action")
	}
	for i, action := range actions {
		line := "  " + action.Title
		if i == 0 {
			line = s.styled(bold, "▸ "+action.Title)
		}
		fmt.Fprintln(s.Out, "      "+line)
	}
	fmt.Fprintln(s.Out)
	return actions[0].Command.Command, actions[0].Command.Arguments[0], nil
}

// A result is what the demo shows of the answer's result.
type result struct {
	Text         string
	FinishReason completion.FinishReason
	Model        string
	Usage        struct{ CompletionTokens int }
	Timing       struct{ TotalMs int64 }
}

func (s *session) explain(ctx context.Context, client *editor.Editor, command string, argument map[string]any) (*result, error) {
	argument["partialResultToken"] = "demo"
	s.started = time.Now()
	var r result
	err := client.Call(ctx, "workspace/executeCommand", map[string]any{"command": command, "arguments": []any{argument}}, &r)
	err = errors.Join(err, s.Answer.Close())
	if err == nil && r.Text != canned {
		err = errors.New("the answer is not the text that was sent")
	}
	return &r, err
}

// see shows each delta when it arrives.
func (s *session) see(m editor.Message) {
	var progress struct {
		Value struct {
			Kind string `json:"kind"`
			Text string `json:"text"`
		} `json:"value"`
	}
	if m.Method != "$/progress" || json.Unmarshal(m.Params, &progress) != nil || progress.Value.Kind != "delta" {
		return
	}
	if s.deltas++; s.deltas == 1 {
		s.first = time.Since(s.started)
	}
	_, _ = io.WriteString(s.Answer, progress.Value.Text) // the screen is gone if this fails
}

func (s *session) conclude(r *result) {
	total := time.Since(s.started)
	summary := completion.Summary{Model: r.Model, Total: total, Tokens: r.Usage.CompletionTokens}
	fmt.Fprintf(s.Out, "\n%s\n\n", s.styled(dim, fmt.Sprintf("%s · first delta after %.1f ms · %.0f deltas/s",
		summary, float64(s.first.Microseconds())/1000, float64(s.deltas)/total.Seconds())))
	fmt.Fprintf(s.Out, "%s (OpenAI's own endpoint wants only the key)\n%s", s.styled(bold, "With a real model"), steps(runtime.GOOS))
}

// steps returns the next steps, for the usual shell of the operating system goos.
func steps(goos string) string {
	text := `  export OPENAI_BASE_URL=http://127.0.0.1:8080/v1   # a relay or a local server
  export OPENAI_API_KEY=…                           # a local one needs none
  export LLMLS_MODEL=…                              # as the endpoint names it
  llmls check                                       # says whether it works
`
	if goos == "windows" { // PowerShell
		text = `  $env:OPENAI_BASE_URL = 'http://127.0.0.1:8080/v1'   # a relay or local server
  $env:OPENAI_API_KEY = '…'                           # a local one needs none
  $env:LLMLS_MODEL = '…'                              # as the endpoint names it
  llmls check                                         # says whether it works
`
	}
	return text
}

// start starts the server and returns its standard streams as one.
func start(server *exec.Cmd) (io.ReadWriteCloser, error) {
	stdin, err := server.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := server.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := server.Start(); err != nil {
		return nil, fmt.Errorf("starting the server: %w", err)
	}
	return &process{Reader: stdout, WriteCloser: stdin, wait: server.Wait}, nil
}

type process struct {
	io.Reader
	io.WriteCloser
	wait func() error
}

// Close closes the server's input, which ends it, and waits.
func (p *process) Close() error {
	return errors.Join(p.WriteCloser.Close(), p.wait())
}
