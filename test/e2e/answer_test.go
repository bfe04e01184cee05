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

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/test/process"
)

func TestExplainPrintsTheAnswerByteForByte(t *testing.T) {
	llama := startLlama(t, "scripted.gguf")
	for _, base := range []string{llama.url, llama.url + "/", llama.url + "/v1", llama.url + "/v1/chat/completions"} {
		c := llmls.Home(t, base, "").Run(t, "explain", code+":1-3")
		c.Exits(0)
		c.Prints(script(t, "script.txt"))
	}
}

func TestAsk(t *testing.T) {
	home := llmls.Home(t, startLlama(t, "scripted.gguf").url, "")
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
			c := home.Start(t, test.args...)
			if _, err := io.WriteString(c.Stdin, test.stdin); err != nil {
				t.Fatal(err)
			}
			if err := c.Stdin.Close(); err != nil {
				t.Fatal(err)
			}
			c.EndsWithin(process.Patience)
			c.Exits(0)
			c.Prints(script(t, "script.txt"))
		})
	}
}

func TestReasoningIsNotPartOfTheAnswer(t *testing.T) {
	home := llmls.Home(t, startLlama(t, "scripted-think.gguf", thinking...).url, "")
	_, answer, _ := strings.Cut(script(t, "script-think.txt"), "</think>\n\n")
	c := home.Run(t, "explain", code)
	c.Exits(0)
	c.Prints(answer)
}

// A model that was trained to call tools may do so although none was offered.
// The server then streams the call as text, and a person sees what the model
// said; its tags are not HTML for whoever reads on.
func TestUnaskedToolCallIsShown(t *testing.T) {
	home := llmls.Home(t, startLlama(t, "scripted-tool.gguf", "--chat-template", "chatml").url, "")
	c := home.Run(t, "explain", code)
	c.Exits(0)
	c.Prints(strings.ReplaceAll(script(t, "script-tool.txt"), "<", `\<`))
}

// This model never closes its reasoning, so the server sends nothing else.
func TestNothingButReasoningIsAFailure(t *testing.T) {
	home := llmls.Home(t, startLlama(t, "scripted-tool.gguf", thinking...).url, "")
	c := home.Run(t, "explain", code)
	c.Exits(1)
	c.Prints("")
	c.Says("llmls: ")
}

func TestInterruptStopsTheAnswer(t *testing.T) {
	llama := startLlama(t, "scripted-loop.gguf")
	c := llmls.Home(t, llama.url, "").Start(t, "explain", code)
	answering(t, c)
	if llama.busy(t) != 1 {
		t.Fatal("llama-server is not answering")
	}
	c.Signal(syscall.SIGINT)
	c.EndsWithin(time.Second)
	c.Exits(130)
	process.Eventually(t, time.Second, "llama-server is idle", func() bool { return llama.busy(t) == 0 })
}

func TestKilledServerLeavesThePartialAnswer(t *testing.T) {
	llama := startLlama(t, "scripted-loop.gguf")
	c := llmls.Home(t, llama.url, "").Start(t, "explain", code)
	answering(t, c)
	llama.signal(t, syscall.SIGKILL)
	c.EndsWithin(process.Patience)
	c.Exits(1)
	beginsLoop(t, c.Stdout.String())
	c.Says(strings.TrimPrefix(llama.url, "http://"), "incomplete")
}

func TestStalledServerLeavesThePartialAnswer(t *testing.T) {
	llama := startLlama(t, "scripted-loop.gguf")
	c := llmls.Home(t, llama.url, "[timeouts]\nidle = \"500ms\"\n").Start(t, "explain", code)
	answering(t, c)
	llama.signal(t, syscall.SIGSTOP)
	c.EndsWithin(process.Patience)
	c.Exits(1)
	beginsLoop(t, c.Stdout.String())
	c.Says("incomplete", "timeouts.idle")
}

func TestNothingListens(t *testing.T) {
	address := completiontest.NowhereAddress(t)
	c := llmls.Home(t, "http://"+address, "").Run(t, "explain", code)
	c.Exits(1)
	c.Prints("")
	c.Says(address, "connection refused", "baseUrl")
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

	home := llmls.Home(t, relay.URL, "")
	dry := home.Run(t, "explain", "--dry-run", code+":1-3")
	dry.Exits(0)
	if len(sent) != 0 {
		t.Errorf("a dry run sent %q", sent)
	}
	wet := home.Run(t, "explain", code+":1-3")
	wet.Exits(0)
	wet.Prints(script(t, "script.txt"))
	if diff := cmp.Diff([]string{strings.TrimSuffix(dry.Stdout.String(), "\n")}, sent); diff != "" {
		t.Errorf("what was sent is not what the dry run printed (-printed +sent):\n%s", diff)
	}
}

func TestCheck(t *testing.T) {
	llama := startLlama(t, "scripted.gguf")
	c := llmls.Home(t, llama.url, "").Run(t, "check")
	c.Exits(0)
	for _, word := range []string{llama.url, "OPENAI_API_KEY"} {
		if !strings.Contains(c.Stdout.String(), word) {
			t.Errorf("check does not name %s", word)
		}
	}

	c = llmls.Home(t, "http://"+completiontest.NowhereAddress(t), "").Run(t, "check")
	c.Exits(1)
}
