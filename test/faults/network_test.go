//go:build linux

package faults

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/test/process"
)

// answerText is long enough to be cut anywhere.
const answerText = "Adds the numbers é of a list. 🎉 Done."

// scripted returns an endpoint that answers with it, piece by piece, and the
// proxy in front of it. No connection is used again, with what is left of its
// fault.
func scripted(t *testing.T) *process.Proxy {
	t.Helper()
	u := completiontest.NewUpstream(t)
	u.Script(completiontest.Status(200, "Connection", "close"), completiontest.Answer(strings.SplitAfter(answerText, " ")...))
	return process.NewProxy(t, u.URL)
}

// Wherever and however a connection breaks, what arrived is kept, and is called
// complete only if the endpoint had said so.
func TestBrokenAnywhere(t *testing.T) {
	t.Parallel()
	const step, end = 41, 3000 // bytes; the whole response is shorter
	for name, breaks := range map[string]func(int64) process.Passing{
		"cut": process.Cut, "reset": process.Reset, "half-closed": process.HalfClose,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := scripted(t)
			s := start(t, llmls.Home(t, p.URL, calm)).ready()
			failed, incomplete, complete := 0, 0, 0
			for n := int64(0); n < end; n += step {
				p.Passes(breaks(n))
				token := fmt.Sprint(n)
				r, err := s.explain(token)
				switch {
				case err != nil:
					failed++
					if kind, sentence, code := failure(t, err); code != -32803 || kind != "network" || !strings.Contains(sentence, "127.0.0.1") {
						t.Errorf("after %d bytes: %d, %s, %s", n, code, kind, sentence)
					}
				case r.FinishReason == "stop":
					complete++
					if r.Text != answerText {
						t.Errorf("after %d bytes %q is complete", n, r.Text)
					}
				default:
					incomplete++
					if r.FinishReason != "incomplete" || r.Text == "" || !strings.HasPrefix(answerText, r.Text) || !strings.Contains(r.Message, "Ask again") {
						t.Errorf("after %d bytes: %s, %q, %s", n, r.FinishReason, r.Text, r.Message)
					}
				}
				s.wholeText(token, r.Text)
			}
			if failed == 0 || incomplete == 0 || complete == 0 {
				t.Errorf("%d failed, %d incomplete, %d complete", failed, incomplete, complete)
			}
			p.Passes(process.Whole)
			if r, err := s.explain("t"); err != nil || r.Text != answerText {
				t.Errorf("the next answer is %q, %v", r.Text, err)
			}
		})
	}
}

// A line that is slow breaks nothing; one that stops, in the header or in the
// answer, is given up.
func TestSlowLines(t *testing.T) {
	t.Parallel()
	const header, middle = 60, 900 // bytes: inside either
	for _, test := range []struct {
		name    string
		passing process.Passing
		config  string
		kind    string // of the error
		text    string
		finish  string
		says    string
	}{
		{"one byte at a time", process.Drip(100 * time.Microsecond), calm, "", answerText, "stop", ""},
		{"late", process.Late(500 * time.Millisecond), calm, "", answerText, "stop", ""},
		{"later than the limit", process.Late(20 * time.Second), impatient, "timeout", "", "", "timeouts.firstByte"},
		{"a header that stops", process.Stop(header), impatient, "timeout", "", "", "timeouts.firstByte"},
		{"a header that drips", process.Drip(50 * time.Millisecond), impatient, "timeout", "", "", "timeouts.firstByte"},
		{"an answer that stops", process.Stop(middle), impatient, "", "Adds", "incomplete", "timeouts.idle"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := scripted(t)
			p.Passes(test.passing)
			s := start(t, llmls.Home(t, p.URL, test.config)).ready()
			r, err := s.explain("t")
			if test.kind != "" {
				if kind, sentence, _ := failure(t, err); kind != test.kind || !strings.Contains(sentence, test.says) {
					t.Errorf("failed with %s, %s", kind, sentence)
				}
			} else if err != nil || !strings.HasPrefix(r.Text, test.text) || r.FinishReason != test.finish || !strings.Contains(r.Message, test.says) {
				t.Errorf("got %q, %s, %s, %v", r.Text, r.FinishReason, r.Message, err)
			}
			p.Passes(process.Whole)
			if test.config == impatient {
				s.stillWorks()
			} else if r, err := s.explain("t2"); err != nil || r.Text != answerText {
				t.Errorf("the next answer is %q, %v", r.Text, err)
			}
		})
	}
}
