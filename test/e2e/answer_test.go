//go:build e2e

package e2e

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestExplainPrintsTheAnswerByteForByte(t *testing.T) {
	llama := startLlama(t, "scripted.gguf")
	for _, base := range []string{llama.url, llama.url + "/", llama.url + "/v1", llama.url + "/v1/chat/completions"} {
		c := newHome(t, base).run(t, "explain", code+":1-3")
		c.exits(0)
		c.prints(script(t, "script.txt"))
	}
}

func TestAsk(t *testing.T) {
	home := newHome(t, startLlama(t, "scripted.gguf").url)
	tests := []struct {
		name  string
		args  []string
		stdin string
	}{
		{"about nothing", []string{"ask", "why", "is", "the", "sky", "blue?"}, ""},
		{"about lines", []string{"ask", "-f", code + ":2-3", "what is 1.19?"}, ""},
		{"about standard input", []string{"ask", "-f", "-", "what is this?"}, "1 + 1\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := home.start(t, test.args...)
			if _, err := io.WriteString(c.stdin, test.stdin); err != nil {
				t.Fatal(err)
			}
			if err := c.stdin.Close(); err != nil {
				t.Fatal(err)
			}
			c.endsWithin(patience)
			c.exits(0)
			c.prints(script(t, "script.txt"))
		})
	}
}

func TestReasoningIsNotPartOfTheAnswer(t *testing.T) {
	home := newHome(t, startLlama(t, "scripted-think.gguf", thinking...).url)
	_, answer, _ := strings.Cut(script(t, "script-think.txt"), "</think>\n\n")
	c := home.run(t, "explain", code)
	c.exits(0)
	c.prints(answer)
}

// A model that was trained to call tools may do so although none was offered.
// The server then streams the call as text, and a person sees what the model
// said.
func TestUnaskedToolCallIsShown(t *testing.T) {
	home := newHome(t, startLlama(t, "scripted-tool.gguf", "--chat-template", "chatml").url)
	c := home.run(t, "explain", code)
	c.exits(0)
	c.prints(script(t, "script-tool.txt"))
}

// This model never closes its reasoning, so the server sends nothing else.
func TestNothingButReasoningIsAFailure(t *testing.T) {
	home := newHome(t, startLlama(t, "scripted-tool.gguf", thinking...).url)
	c := home.run(t, "explain", code)
	c.exits(1)
	c.prints("")
	c.says("llmls: ")
}

func TestInterruptStopsTheAnswer(t *testing.T) {
	llama := startLlama(t, "scripted-loop.gguf")
	c := newHome(t, llama.url).start(t, "explain", code)
	c.answering()
	if llama.busy(t) != 1 {
		t.Fatal("llama-server is not answering")
	}
	c.signal(syscall.SIGINT)
	c.endsWithin(time.Second)
	c.exits(130)
	eventually(t, time.Second, "llama-server is idle", func() bool { return llama.busy(t) == 0 })
}

func TestKilledServerLeavesThePartialAnswer(t *testing.T) {
	llama := startLlama(t, "scripted-loop.gguf")
	c := newHome(t, llama.url).start(t, "explain", code)
	c.answering()
	llama.signal(t, syscall.SIGKILL)
	c.endsWithin(patience)
	c.exits(1)
	c.printsPartOfLoop()
	c.says(strings.TrimPrefix(llama.url, "http://"), "incomplete")
}

func TestStalledServerLeavesThePartialAnswer(t *testing.T) {
	llama := startLlama(t, "scripted-loop.gguf")
	home := newHome(t, llama.url)
	home.config(t, "[timeouts]\nidle = \"500ms\"\n")
	c := home.start(t, "explain", code)
	c.answering()
	llama.signal(t, syscall.SIGSTOP)
	c.endsWithin(patience)
	c.exits(1)
	c.printsPartOfLoop()
	c.says("incomplete", "timeouts.idle")
}

// printsPartOfLoop fails the test unless stdout is how the endless model's
// answer begins.
func (c *command) printsPartOfLoop() {
	c.t.Helper()
	got, piece := c.stdout.text(), script(c.t, "script.txt")
	whole := strings.Repeat(piece, len(got)/len(piece)+1)
	if got == "" || !strings.HasPrefix(whole, got) {
		c.t.Errorf("stdout is no beginning of the answer: %q", got)
	}
}

func TestNothingListens(t *testing.T) {
	address := freeAddress(t)
	c := newHome(t, "http://"+address).run(t, "explain", code)
	c.exits(1)
	c.prints("")
	c.says(address, "connection refused", "baseUrl")
}

func TestDryRunPrintsWhatIsSent(t *testing.T) {
	llama := startLlama(t, "scripted.gguf")
	target, err := url.Parse(llama.url)
	if err != nil {
		t.Fatal(err)
	}
	var sent []string
	relay := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		body, err := io.ReadAll(r.In.Body)
		if err != nil {
			t.Error(err)
		}
		sent = append(sent, string(body))
		r.Out.Body = io.NopCloser(strings.NewReader(string(body)))
		r.SetURL(target)
	}, Transport: &http.Transport{}})
	defer relay.Close()

	home := newHome(t, relay.URL)
	dry := home.run(t, "explain", "--dry-run", code+":1-3")
	dry.exits(0)
	if len(sent) != 0 {
		t.Errorf("a dry run sent %q", sent)
	}
	wet := home.run(t, "explain", code+":1-3")
	wet.exits(0)
	wet.prints(script(t, "script.txt"))
	if diff := cmp.Diff([]string{strings.TrimSuffix(dry.stdout.text(), "\n")}, sent); diff != "" {
		t.Errorf("what was sent is not what the dry run printed (-printed +sent):\n%s", diff)
	}
}

func TestCheck(t *testing.T) {
	llama := startLlama(t, "scripted.gguf")
	c := newHome(t, llama.url).run(t, "check")
	c.exits(0)
	for _, word := range []string{llama.url, "OPENAI_API_KEY"} {
		if !strings.Contains(c.stdout.text(), word) {
			t.Errorf("check does not name %s", word)
		}
	}

	c = newHome(t, "http://"+freeAddress(t)).run(t, "check")
	c.exits(1)
}
