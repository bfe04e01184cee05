//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/test/process"
)

// loadTime is for llama-server to load a model of 120 KB on a machine that is
// busy with other tests.
const loadTime = 60 * time.Second

// thinking makes llama-server tell reasoning from text.
var thinking = []string{"--jinja", "--reasoning-format", "deepseek"}

// A llamaServer is a running llama-server. It ends with the test.
type llamaServer struct {
	url     string // scheme, host and port
	process *os.Process
}

// startLlama starts llama-server with a scripted model and waits until it is
// ready. Its log is shown if the test fails.
func startLlama(t *testing.T, model string, flags ...string) *llamaServer {
	t.Helper()
	address := completiontest.NowhereAddress(t)
	_, port, _ := net.SplitHostPort(address)
	args := append([]string{
		"-m", filepath.Join(models, model), "--host", "127.0.0.1", "--port", port,
		"--offline", "--no-ui", "-t", "1", "-tb", "1",
	}, flags...)
	program := os.Getenv("LLAMA_SERVER")
	if program == "" {
		program = filepath.Join("..", "..", ".cache", "llama-server", "sid", "llama-server")
	}
	cmd := exec.Command(program, args...)
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatalf("starting llama-server: %v\nmake e2e fetches it; LLAMA_SERVER=/path names another one", err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait() // it is killed, or its log says why it ended
		close(ended)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended
		<-ended
		if t.Failed() {
			t.Logf("llama-server %s\n%s", strings.Join(args, " "), log.String())
		}
	})

	s := &llamaServer{url: "http://" + address, process: cmd.Process}
	process.Eventually(t, loadTime, "llama-server is ready", func() bool {
		select {
		case <-ended:
			t.Fatal("llama-server ended before it was ready")
		default:
		}
		response, err := s.get(t.Context(), "/health")
		if err != nil {
			return false
		}
		response.Body.Close()
		return response.StatusCode == http.StatusOK
	})
	return s
}

func (s *llamaServer) get(ctx context.Context, path string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+path, http.NoBody)
	if err != nil {
		return nil, err
	}
	return (&http.Client{}).Do(request)
}

// busy reports how many of its slots are answering.
func (s *llamaServer) busy(t *testing.T) int {
	t.Helper()
	response, err := s.get(t.Context(), "/slots")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var slots []struct {
		Processing bool `json:"is_processing"`
	}
	if err := json.NewDecoder(response.Body).Decode(&slots); err != nil {
		t.Fatalf("GET /slots: %v", err)
	}
	n := 0
	for _, slot := range slots {
		if slot.Processing {
			n++
		}
	}
	return n
}

// signal sends sig to the server, as a fault would.
func (s *llamaServer) signal(t *testing.T, sig syscall.Signal) {
	t.Helper()
	if err := s.process.Signal(sig); err != nil {
		t.Fatal(err)
	}
}
