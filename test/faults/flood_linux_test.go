package faults

import (
	"fmt"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/internal/lsp/editor"
	"github.com/llmls/llmls/test/process"
)

// atOnce is how many answers llmls runs at once.
const atOnce = 64

// crowd starts that many answers, which stream their text.
func (s *server) crowd(n int) []*editor.Pending {
	s.t.Helper()
	var all []*editor.Pending
	for i := range n {
		all = append(all, s.StartCommand("llmls.explain", place("partialResultToken", fmt.Sprint(i))))
	}
	return all
}

const megabyte = 1 << 20

// headers returns n header fields of about that many bytes.
func headers(n, size int) []string {
	var fields []string
	for i := range n {
		fields = append(fields, fmt.Sprintf("X-%d", i), strings.Repeat("x", size))
	}
	return fields
}

// repeated sends n times what step does.
func repeated(n int, step completiontest.Step) completiontest.Step {
	all := make([]completiontest.Step, n)
	for i := range all {
		all[i] = step
	}
	return completiontest.Sequence(all...)
}

// Whatever 64 endpoints send at once, memory stays, each answer ends with what
// arrived of it, and the next one is a good one.
func TestFloods(t *testing.T) {
	t.Parallel()
	head := `data: {"choices":[{"delta":{"content":"`
	x := strings.Repeat("x", megabyte)
	for _, test := range []struct {
		name   string
		script steps
	}{
		{"long answers", steps{repeated(64, completiontest.Delta(x[:megabyte/4]))}},
		{"long answers that need escapes", steps{repeated(64, completiontest.Delta(strings.Repeat("\n\"", megabyte/8)))}},
		{"what becomes long when it is made safe", steps{repeated(13, completiontest.Delta(strings.Repeat("\u00ad", megabyte/32)))}},
		{"long thinking", steps{repeated(64, completiontest.Reasoning(x[:megabyte/4]))}},
		{"thinking in tags", steps{completiontest.Delta("<think>"), repeated(16, completiontest.Delta(x))}},
		{"nothing but space", steps{repeated(16, completiontest.Delta(strings.Repeat(" ", megabyte)))}},
		{"long answers in one event", steps{completiontest.Send(head), repeated(7, completiontest.Send(x)), completiontest.Send("\"}}]}\n\n")}},
		{"lines without an end", steps{completiontest.Send(head), repeated(20, completiontest.Send(x))}},
		{"events without an end", steps{repeated(20, completiontest.Send("data: "+x+"\n"))}},
		{"whole completions", steps{completiontest.Status(200, "Content-Type", "application/json"), completiontest.Send(head[len("data: "):]), repeated(20, completiontest.Send(x))}},
		{"gzip of lines", steps{completiontest.Status(200, "Content-Encoding", "gzip"), completiontest.Send(bomb(t, "data: {", x, 100))}},
		{"gzip of comments", steps{completiontest.Status(200, "Content-Encoding", "gzip"), completiontest.Send(bomb(t, "", strings.Repeat(": keep alive\n\n", megabyte/16), 20))}},
		{"errors", steps{completiontest.Status(400), repeated(4, completiontest.Send(strings.Repeat(" "+process.Code, megabyte/32)))}},
		{"headers", steps{completiontest.Status(200, headers(900, 60)...), repeated(4, completiontest.Delta(x)), completiontest.Cut()}},
		{"names", steps{completiontest.Event(`{"model":"` + strings.Repeat(x, 4) + `","choices":[{"delta":{"content":"a"}}]}`), completiontest.Cut()}},
		{"nesting", steps{completiontest.Delta("a"), completiontest.Event(`{"choices":` + strings.Repeat("[", 4*megabyte))}},
		{"nested errors", steps{completiontest.Event(strings.Repeat(`{"error":`, megabyte/16) + "1" + strings.Repeat("}", megabyte/16))}},
		{"nothing, in chunks", steps{repeated(3, completiontest.Send(strings.Repeat("data: {}\n\n", megabyte/16))), completiontest.Cut()}},
		{"tool calls", steps{repeated(2000, completiontest.Event(`{"choices":[{"delta":{"tool_calls":[{"id":"`+x[:40]+`","function":{"name":"`+x[:2000]+`","arguments":"{}"}}]}}]}`))}},
	} {
		t.Run(test.name, func(t *testing.T) {
			u := completiontest.NewUpstream(t)
			u.Script(test.script...)
			s := start(t, llmls.Home(t, u.URL, calm)).ready()
			s.endsAbove(memoryLimit)
			for _, p := range s.crowd(atOnce) {
				var r result
				if err := p.Wait(s.Context(), &r); err == nil && (r.FinishReason != "incomplete" || r.Text == "") {
					t.Errorf("%d bytes, %s, %s", len(r.Text), r.FinishReason, r.Message)
				}
			}
			u.Script(completiontest.Answer("Hello"))
			if r, err := s.explain("t"); err != nil || r.Text != "Hello" {
				t.Errorf("the next answer is %.20q, %v", r.Text, err)
			}
			s.peakBelow(memoryLimit)
		})
	}
}

// HTTP/2 lets an endpoint send before anybody reads, and 64 answers that an
// editor does not read have that 64 times.
func TestFloodOverHTTP2(t *testing.T) {
	t.Parallel()
	u := completiontest.NewTLSUpstream(t)
	u.Script(completiontest.Delta("word"), completiontest.Pause("held"), repeated(24, completiontest.Delta(strings.Repeat("x", megabyte/4))))
	h := llmls.Home(t, u.URL, calm)
	h.Env = append(h.Env, "SSL_CERT_FILE="+h.Write(t, "roots.pem", u.Certificate()))
	s := start(t, h).ready()
	all := s.crowd(atOnce)
	for range atOnce {
		u.WaitPaused("held")
	}
	s.Pipes.Hold()
	for range atOnce {
		u.Resume("held")
	}
	s.blocked()
	before, same := 0, 0
	process.Eventually(t, process.Patience, "nothing more comes in", func() bool {
		now := s.memory("VmRSS")
		if same++; now != before {
			before, same = now, 0
		}
		return same == 50 // looks
	})
	s.peakBelow(150)
	s.Pipes.Resume()
	for _, p := range all {
		s.Must(p.Cancel())
	}
	for _, p := range all {
		_ = p.Wait(s.Context(), nil)
	}
	s.stillWorks()
	if proto := u.Requests()[0].Proto; proto != "HTTP/2.0" {
		t.Errorf("asked over %s", proto)
	}
}
