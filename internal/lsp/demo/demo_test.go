package demo

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"unicode/utf8"

	"go.uber.org/goleak"
	"go.uber.org/zap"

	"github.com/llmls/llmls/internal/access"
	"github.com/llmls/llmls/internal/lsp"
	"github.com/llmls/llmls/internal/settings"
	"github.com/llmls/llmls/internal/state"
)

// TestMain is also the server that the demo starts.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "serve" {
		os.Exit(lsp.Serve(context.Background(), stdio{}, &lsp.Options{
			Log: zap.NewNop(), Level: zap.NewAtomicLevel(), Access: access.New(os.LookupEnv), State: state.New(os.LookupEnv),
			User: func() ([]settings.Layer, []settings.Problem) { return settings.LoadUser(os.LookupEnv) },
		}))
	}
	goleak.VerifyTestMain(m)
}

type stdio struct{}

func (stdio) Read(p []byte) (int, error) { return os.Stdin.Read(p) }

//nolint:forbidigo // this is the wire
func (stdio) Write(p []byte) (int, error) { return os.Stdout.Write(p) }
func (stdio) Close() error                { return os.Stdin.Close() }

// narrow is the usual width of a terminal.
const narrow = 80

func TestRun(t *testing.T) {
	t.Setenv("OPENAI_BASE_URL", "http://192.0.2.1/v1") // of the user's, where nothing may go
	t.Setenv("OPENAI_API_KEY", "sk-of-the-user")
	var out bytes.Buffer
	server := exec.Command(os.Args[0], "serve")
	if err := Run(t.Context(), server, Screen{Out: &out, Answer: answer{&out}}); err != nil {
		t.Fatal(err)
	}
	for _, entry := range server.Env {
		if strings.Contains(entry, "sk-of-the-user") {
			t.Error("the server got the user's key")
		}
	}
	before, after, ok := strings.Cut(out.String(), canned)
	if !ok {
		t.Fatalf("the answer is not whole:\n%s", &out)
	}
	for _, want := range []string{"canned", "No key and no network", "▸ Explain selection"} {
		if !strings.Contains(before, want) {
			t.Errorf("no %q before the answer:\n%s", want, before)
		}
	}
	for _, want := range []string{model + " · ", "first delta after ", "deltas/s", "OPENAI_BASE_URL", "OPENAI_API_KEY", "LLMLS_MODEL", "llmls check"} {
		if !strings.Contains(after, want) {
			t.Errorf("no %q after the answer:\n%s", want, after)
		}
	}
	for line := range strings.Lines(before + after) { // the answer is wrapped by whoever renders it
		if width := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); width > narrow {
			t.Errorf("%d columns: %s", width, line)
		}
	}
}

// The next steps fit into the narrowest terminal, whichever shell they are for.
func TestSteps(t *testing.T) {
	for _, goos := range []string{"linux", "windows"} {
		for line := range strings.Lines(steps(goos)) {
			if width := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); width > narrow {
				t.Errorf("%d columns: %s", width, line)
			}
		}
	}
}

// A server that is none ends the demo with an error, not with a hang.
func TestRunWithoutAServer(t *testing.T) {
	err := Run(t.Context(), exec.Command(os.Args[0], "-test.run=^$"), Screen{Out: io.Discard, Answer: answer{io.Discard}})
	if err == nil {
		t.Error("no error")
	}
	if err := Run(t.Context(), exec.Command("/nowhere/llmls"), Screen{Out: io.Discard, Answer: answer{io.Discard}}); !errors.Is(err, os.ErrNotExist) && !errors.Is(err, exec.ErrNotFound) {
		t.Errorf("a server that is not there: %v", err)
	}
}

// answer shows the text as it is.
type answer struct{ io.Writer }

func (answer) Close() error { return nil }
