package upstream_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/openai"
	"github.com/llmls/llmls/internal/completion/upstream"
)

func delta(members string) string { return `{"choices":[{"delta":{` + members + `}}]}` }

func TestChunksInOneEvent(t *testing.T) {
	got := ""
	s := upstream.NewStream(upstream.NewClient(), openai.Format{}, func(event completion.Event, _ error) bool {
		got += string(event.Text)
		return true
	})
	data := delta(`"content":"a"`) + "\n" + delta(`"content":"b"`) + "\n[DONE]\n" + delta(`"content":"c"`)
	if err := s.Event(nil, []byte(data)); err != nil {
		t.Fatal(err)
	}
	if s.Finish(); got != "ab" {
		t.Errorf("got %q", got)
	}
}

func TestTooMuchIsAnError(t *testing.T) {
	for name, event := range map[string]string{
		"content":    delta(`"content":"` + strings.Repeat("x", 1<<20) + `"`),
		"thinking":   delta(`"reasoning":"` + strings.Repeat("x", 1<<20) + `"`),
		"undecided":  delta(`"content":"` + strings.Repeat(" ", 1<<20) + `"`),
		"arguments":  delta(`"tool_calls":[{"id":"a","function":{"arguments":"` + strings.Repeat("x", 1<<20) + `"}}]`),
		"many calls": delta(`"tool_calls":[` + strings.Repeat(`{"index":0,"function":{"name":"f","arguments":{}}},{"function":{"name":"g","arguments":{}}},`, 40) + `{}]`),
	} {
		s := upstream.NewStream(upstream.NewClient(), openai.Format{}, func(completion.Event, error) bool { return true })
		var err error
		n := 0
		for ; err == nil && n < 100; n++ {
			err = s.Event(nil, []byte(event))
			s.Flush()
		}
		if !errors.Is(err, upstream.ErrTooMuch) {
			t.Errorf("%s: %v after %d events", name, err, n)
		}
	}
}
