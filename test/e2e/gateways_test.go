//go:build e2e

package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/internal/lsp/editor"
	"github.com/llmls/llmls/test/process"
)

// gateways is where test/gateways/fetch puts them.
const gateways = "../../.cache/gateways"

// The addresses in the configurations of docs/gateways.md: the gateway's, and those
// of the two servers behind it.
var documented = []string{"127.0.0.1:8000", "127.0.0.1:8080", "127.0.0.1:8081"}

// configuration is that of a gateway on docs/gateways.md, with other addresses in place
// of those of the page.
func configuration(t *testing.T, gateway string, addresses ...string) string {
	t.Helper()
	page, err := os.ReadFile("../../docs/gateways.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), "\n## "+gateway+"\n")
	_, section, _ = strings.Cut(section, "\n```")
	_, section, _ = strings.Cut(section, "\n") // the language
	block, _, ok := strings.Cut(section, "\n```\n")
	if !ok {
		t.Fatalf("docs/gateways.md has no configuration for %s", gateway)
	}
	for i, address := range addresses {
		block = strings.ReplaceAll(block, documented[i], address)
	}
	return block
}

// startGateway starts a gateway that serves at address, and waits until it does.
func startGateway(t *testing.T, address, program string, args ...string) *os.Process {
	t.Helper()
	cmd := exec.Command(program, args...)
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &log, &log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // nginx has a worker
	if err := cmd.Start(); err != nil {
		t.Fatalf("starting %s: %v\nmake e2e fetches it", program, err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait() // it is killed, or its log says why it ended
		close(ended)
	}()
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // it may have ended
		<-ended
		if t.Failed() {
			t.Logf("%s\n%s", program, log.String())
		}
	})
	process.Eventually(t, loadTime, program+" serves", func() bool {
		select {
		case <-ended:
			t.Fatal("it ended before it served")
		default:
		}
		response, err := (&llamaServer{url: "http://" + address}).get(t.Context(), "/")
		if err != nil {
			return false
		}
		response.Body.Close()
		return true
	})
	return cmd.Process
}

func startHAProxy(t *testing.T, addresses ...string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "haproxy.cfg")
	if err := os.WriteFile(file, []byte(configuration(t, "HAProxy", addresses...)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	startGateway(t, addresses[0], filepath.Join(gateways, "trixie/haproxy"), "-db", "-f", file)
}

// startNginx starts nginx with a configuration whose files are all in a directory of
// the test's.
func startNginx(t *testing.T, address, configuration string) {
	t.Helper()
	dir := t.TempDir()
	own := "http {\n  access_log off;\n"
	for _, what := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		own += fmt.Sprintf("  %s_temp_path %s;\n", what, filepath.Join(dir, what))
	}
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, []byte(strings.Replace(configuration, "http {\n", own, 1)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	startGateway(t, address, filepath.Join(gateways, "trixie/nginx"), "-p", dir, "-e", "stderr", "-c", file, "-g", "daemon off; pid nginx.pid;")
}

func hostOf(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Host
}

// 200 answers by way of a gateway from two servers, one of which is killed in the
// middle: each is whole or marked, and none is called complete that is not.
func TestGateways(t *testing.T) {
	for name, start := range map[string]func(t *testing.T, addresses ...string){
		"HAProxy": startHAProxy,
		"nginx": func(t *testing.T, addresses ...string) {
			startNginx(t, addresses[0], configuration(t, "nginx", addresses...))
		},
	} {
		t.Run(name, func(t *testing.T) {
			one, two := startLlama(t, "scripted.gguf", "-np", "8"), startLlama(t, "scripted.gguf", "-np", "8")
			address := completiontest.NowhereAddress(t)
			start(t, address, hostOf(t, one.url), hostOf(t, two.url))
			s := open(t, llmls.Home(t, "http://"+address, ""))
			answersSurvive(t, s, one)
		})
	}
}

// Portkey learns from a header what to do, and is only one of the endpoints: when it is
// gone, another makes the next answer whole.
func TestPortkey(t *testing.T) {
	one, two := startLlama(t, "scripted.gguf", "-np", "8"), startLlama(t, "scripted.gguf", "-np", "8")
	address := completiontest.NowhereAddress(t)
	_, port, _ := strings.Cut(address, ":")
	gateway := startGateway(t, address, "node", filepath.Join(gateways, "portkey/node_modules/@portkey-ai/gateway/build/start-server.js"), "--port="+port, "--headless")
	home := llmls.Home(t, "", configuration(t, "Portkey", address, hostOf(t, one.url), hostOf(t, two.url)))
	home.Unset("OPENAI_BASE_URL")
	s := open(t, home)
	answersSurvive(t, s, one)
	if err := gateway.Kill(); err != nil {
		t.Fatal(err)
	}
	var r struct {
		result
		Endpoint string
	}
	s.Must(explain(t, s, "behind Portkey").Wait(s.Context(), &r))
	if r.Text != script(t, "script.txt") || r.FinishReason != "stop" || r.Endpoint != "local" || !strings.Contains(r.Message, "portkey") {
		t.Errorf("without Portkey: %+v", r)
	}
}

// answersSurvive asks 200 times, and kills a server when it is answering and some
// answers are whole already.
func answersSurvive(t *testing.T, s *process.Server, victim *llamaServer) {
	t.Helper()
	const answers = 200
	type ending struct {
		token string
		result
		err error
	}
	want := script(t, "script.txt")
	endings := make(chan ending, answers) // a gateway answers in an order of its own
	for i := range answers {
		token := fmt.Sprint("t", i)
		pending := explain(t, s, token)
		go func() {
			e := ending{token: token}
			e.err = pending.Wait(s.Context(), &e.result)
			endings <- e
		}()
	}
	whole, marked, failed := 0, 0, 0
	for i := range answers {
		if i == answers/4 {
			process.Eventually(t, process.Patience, "the server is answering", func() bool { return victim.busy(t) > 0 })
			victim.signal(t, syscall.SIGKILL)
		}
		e := <-endings
		var refused *editor.Error
		switch {
		case errors.As(e.err, &refused) && refused.Message != "":
			failed++
		case e.err != nil:
			t.Fatal(e.err)
		case e.Text == want && e.FinishReason == "stop":
			whole++
		case strings.HasPrefix(want, openCode(e.Text)) && (e.FinishReason == "incomplete" || e.FinishReason == "unknown") && e.Message != "":
			marked++
		default:
			t.Errorf("the answer %q ended with %s: %s", e.Text, e.FinishReason, e.Message)
		}
		if got := s.Streamed(e.token)["delta"]; e.err == nil && got != e.Text {
			t.Errorf("streamed %q, returned %q", got, e.Text)
		}
	}
	t.Logf("%d whole, %d marked, %d failed", whole, marked, failed)
	if whole < answers/2 {
		t.Errorf("only %d of %d answers are whole", whole, answers)
	}
	var r result
	s.Must(explain(t, s, "next").Wait(s.Context(), &r))
	if r.Text != want || r.FinishReason != "stop" {
		t.Errorf("the next answer is %q, %s", r.Text, r.FinishReason)
	}
}

// nginx as it comes keeps answers back, and check notices.
func TestCheckNoticesLumps(t *testing.T) {
	const pace = 20 * time.Millisecond // of a model that is not fast
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		ticks := time.NewTicker(pace)
		defer ticks.Stop()
		for n := range 60 {
			fmt.Fprintf(w, `data: {"id":"chatcmpl-0123456789abcdef","object":"chat.completion.chunk","created":1763840000,"model":"scripted","system_fingerprint":"fp_0123456789","choices":[{"index":0,"delta":{"content":"%d, "},"logprobs":null,"finish_reason":null}]}`+"\n\n", n)
			if http.NewResponseController(w).Flush() != nil {
				return
			}
			<-ticks.C
		}
		fmt.Fprint(w, `data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`+"\n\ndata: [DONE]\n\n")
	}))
	t.Cleanup(server.Close)
	as := func(configuration string) string {
		for _, line := range []string{"proxy_http_version 1.1;", `proxy_set_header Connection "";`, "proxy_buffering off;"} {
			if !strings.Contains(configuration, line) {
				t.Fatalf("the configuration has no line %s", line)
			}
			configuration = strings.Replace(configuration, line, "", 1)
		}
		return configuration
	}
	address := completiontest.NowhereAddress(t)
	host := hostOf(t, server.URL)
	startNginx(t, address, as(configuration(t, "nginx", address, host, host)))
	c := llmls.Home(t, "http://"+address, "").Run(t, "check")
	c.Exits(0)
	if !strings.Contains(c.Stdout.String(), "stream    Turn off buffering in the proxy") {
		t.Errorf("check does not notice:\n%s", c.Stdout.String())
	}
}
