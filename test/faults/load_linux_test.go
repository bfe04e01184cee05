package faults

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/internal/lsp/editor"
	"github.com/llmls/llmls/test/process"
)

// askFrom starts a question, with its text as partial results and work-done
// progress for a token that both end in n.
func (s *server) askFrom(n int) *editor.Pending {
	s.t.Helper()
	argument := place("question", fmt.Sprintf("question_%d_", n), "partialResultToken", fmt.Sprintf("p%d", n))
	pending, err := s.Start("workspace/executeCommand", map[string]any{
		"command": "llmls.ask", "arguments": []any{argument}, "workDoneToken": fmt.Sprintf("w%d", n),
	})
	s.Must(err)
	return pending
}

// 64 answers run, 1,000 wait in order with the code of their time, and the next
// is refused; a stop ends them all.
func TestCrowd(t *testing.T) {
	t.Parallel()
	const running, waiting, served = 64, 1000, 50
	u := completiontest.NewUpstream(t)
	u.Script(completiontest.Delta("a"), completiontest.Pause("gate"), completiontest.Answer("b"))
	s := start(t, llmls.Home(t, u.URL, "")).ready()
	var pending []*editor.Pending
	for n := range running {
		pending = append(pending, s.askFrom(n))
	}
	for range running {
		u.WaitPaused("gate")
		u.Next()
	}
	for n := running; n < running+waiting; n++ {
		pending = append(pending, s.askFrom(n))
	}
	told := 0
	s.Await("all say that they wait", func(m message) bool {
		if strings.Contains(string(m.Params), "waiting: 64 answers are running") {
			told++
		}
		return told == waiting
	})
	kind, sentence, code := failure(t, s.askFrom(running+waiting).Wait(s.Context(), nil))
	if code != -32803 || kind != "busy" || !strings.Contains(sentence, "stop one") {
		t.Errorf("one too many failed with %d, %s, %q", code, kind, sentence)
	}
	s.Must(s.Notify("textDocument/didChange", map[string]any{
		"textDocument":   map[string]any{"uri": uri, "version": 2},
		"contentChanges": []any{map[string]any{"text": "changed = True\n"}},
	}))
	if n := len(u.Requests()); n != running {
		t.Errorf("%d run at once", n)
	}
	for n := running; n < running+served; n++ {
		u.Resume("gate")
		body := string(u.Next().Body) // of the one whose turn has come
		if !strings.Contains(body, fmt.Sprintf("question_%d_", n)) || !strings.Contains(body, process.Code) || strings.Contains(body, "changed = True") {
			t.Fatalf("after number %d came %s", n-1, body)
		}
	}
	s.Must(s.Command("llmls.stop", map[string]any{}, nil))
	whole, incomplete, stopped := 0, 0, 0
	for _, p := range pending {
		var r result
		switch err := p.Wait(s.Context(), &r); {
		case err != nil:
			if _, _, code := failure(t, err); code != -32800 {
				t.Errorf("code %d", code)
			}
			stopped++
		case r.FinishReason == "stop":
			whole++
		default:
			incomplete++
		}
	}
	if whole != served || stopped < waiting-served || whole+incomplete+stopped != running+waiting {
		t.Errorf("%d whole, %d incomplete, %d stopped", whole, incomplete, stopped)
	}
	ends := 0
	for _, m := range s.Seen() {
		ends += strings.Count(string(m.Params), `"kind":"end"`)
	}
	if ends < running+waiting {
		t.Errorf("%d of %d progresses ended", ends, running+waiting)
	}
	for _, r := range u.Requests() {
		r.WaitDone(t)
	}
	s.stillWorks()
	s.peakBelow(200)
}

// What one answer takes it gives back.
func TestThousandsOfAnswers(t *testing.T) {
	t.Parallel()
	const answers, atOnce = 10_000, 8
	text := strings.Repeat("word ", 100)
	u := completiontest.NewUpstream(t)
	u.Script(completiontest.Answer(text, text))
	s := start(t, llmls.Home(t, u.URL, "")).ready()
	some := func(n int) {
		var all sync.WaitGroup
		for range atOnce {
			all.Go(func() {
				for range n / atOnce {
					var r result
					if err := s.Command("llmls.explain", place("partialResultToken", "t"), &r); err != nil || r.Text != text+text {
						t.Errorf("got %q, %v", r.Text, err)
						return
					}
				}
			})
		}
		all.Wait()
	}
	some(answers / 4) // more than are remembered
	memory, descriptors := s.memory("VmRSS"), s.descriptors()
	some(answers)
	if now := s.memory("VmRSS"); now > memory+10<<10 {
		t.Errorf("memory grew from %d to %d KB", memory, now)
	}
	if now := s.descriptors(); now > descriptors+atOnce {
		t.Errorf("descriptors grew from %d to %d", descriptors, now)
	}
	s.signalDump()
	if n := strings.Count(s.Stderr.String(), "\ngoroutine "); n < 3 || n > 30+2*atOnce {
		t.Errorf("%d goroutines are left", n)
	}
}

// Neither loses what it logs, nor its answers, to the other.
func TestTwoServersShareTheirState(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	h := llmls.Home(t, u.URL, "logLevel = \"debug\"\n")
	one, two := start(t, h).ready(), start(t, h).ready()
	var all sync.WaitGroup
	for _, s := range []*server{one, two} {
		all.Go(func() {
			for range 200 {
				_ = s.Notify("textDocument/didChange", "malformed") // is logged
			}
			if err := s.Command("llmls.explain", place("partialResultToken", "t"), nil); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	log := h.Log(t)
	if n := strings.Count(log, "a notification was not understood"); n != 400 {
		t.Errorf("%d of 400 entries", n)
	}
	for line := range strings.Lines(log) {
		if !strings.HasPrefix(line, "{") || !strings.HasSuffix(line, "}\n") {
			t.Errorf("a torn entry: %q", line)
		}
	}
}

// A log that cannot be written costs one warning, not an answer.
func TestNoPlaceForTheLog(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		prepare func(h *process.Home)
	}{
		{"state directory is a file", func(h *process.Home) { h.Write(t, "state", "") }},
		{"log is a device", func(h *process.Home) { h.Configure(t, "logFile = \"/dev/full\"\n") }},
		{"log is in no directory", func(h *process.Home) {
			h.Configure(t, "logFile = \"/proc/no/such/place.log\"\n")
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			u := completiontest.NewUpstream(t)
			u.Scripts(steps{completiontest.Answer("Hello")}, steps{completiontest.Error(500, "oops", "oops")})
			h := llmls.Home(t, u.URL, "")
			test.prepare(h)
			s := start(t, h).ready()
			s.Must(s.Notify("textDocument/didChange", "malformed")) // is logged
			if r, err := s.explain("t"); err != nil || r.Text != "Hello" {
				t.Errorf("got %q, %v", r.Text, err)
			}
			process.Eventually(t, process.Patience, "the log is tried", func() bool { return strings.Contains(s.Stderr.String(), "logging to stderr alone") })
			s.stillWorks()
			if n := strings.Count(s.Stderr.String(), "logging to stderr alone"); n != 1 {
				t.Errorf("%d warnings", n)
			}
		})
	}
}

// Nothing that llmls writes holds the key or the code, whatever goes wrong.
func TestCanaries(t *testing.T) {
	t.Parallel()
	echo := "you sent Authorization: Bearer " + process.Key + " and " + process.Code
	u := completiontest.NewUpstream(t)
	h := llmls.Home(t, u.URL, calm+"logLevel = \"debug\"\n")
	s := start(t, h)
	s.Initialized("", h.Dir)
	s.Open(uri, "python", document)
	for _, script := range []steps{
		{completiontest.Answer("Hello")},
		{completiontest.Error(401, "auth", echo)},
		{completiontest.Error(400, "bad", echo)},
		{completiontest.Error(500, "oops", echo)},
		{completiontest.Status(500, "Content-Type", "text/plain", "X-Echo", echo), completiontest.Send(echo)},
		{completiontest.Status(200, "Content-Type", "text/html"), completiontest.Send("<title>" + echo + "</title>")},
		{completiontest.Event(`{"error":{"message":"` + echo + `"}}`)},
		{completiontest.Event(`{"choices":[{"delta":{"content":` + echo)},
		{completiontest.Send("data: " + echo + "\n\n")},
		{completiontest.Raw("HTTP/1.1 " + echo + "\r\n\r\n")},
		{completiontest.Status(307, "Location", "https://"+process.Key+".example/"+process.Key)},
	} {
		u.Script(script...)
		_, _ = s.explain("t") // end looks at all that was said
		s.Must(s.Command("llmls.explain", place(), nil))
	}
	// What cannot be understood is not quoted.
	for _, params := range []string{
		`{"textDocument":{"uri":"` + uri + `","version":"` + process.Code + `"},"contentChanges":[]}`,
		`{"textDocument":{"uri":"` + uri + `","version":3},"contentChanges":[{"range":"` + process.Code + `","text":"` + process.Code + `"}]}`,
		`{"textDocument":{"uri":"` + uri + `","version":4},"contentChanges":["` + process.Code + `"]}`,
		`{"textDocument":{"uri":"` + uri + `","version":4},"contentChanges":"` + process.Code + `"}`,
		`"` + process.Code + `"`,
	} {
		s.Must(s.Send(`{"jsonrpc":"2.0","method":"textDocument/didChange","params":%s}`, params))
		s.Must(s.Send(`{"jsonrpc":"2.0","method":"textDocument/didOpen","params":%s}`, params))
		s.Must(s.Send(`{"jsonrpc":"2.0","method":"workspace/didChangeConfiguration","params":{"settings":%s}}`, params))
		s.Must(s.Send(`{"jsonrpc":"2.0","method":"%s","params":%s`, process.Code, params))
		s.Must(s.Send(`{"jsonrpc":"2.0","id":77,"method":"workspace/executeCommand","params":{"command":"llmls.ask","arguments":[%s]}}`, params))
	}
	s.Must(s.Command("llmls.answers", map[string]any{}, nil))
	if !strings.Contains(h.Log(t), `"`) {
		t.Error("nothing is logged")
	}
}
