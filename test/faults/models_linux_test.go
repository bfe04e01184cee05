package faults

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/llmls/llmls/internal/lsp/editor"
)

// However often the models are asked for, one list is fetched at a time.
func TestModelListsAtOnce(t *testing.T) {
	t.Parallel()
	var list strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&list, `,{"id":"organisation/model-%08d"}`, i)
	}
	body := `{"data":[` + list.String()[1:] + `]}`
	var running, most atomic.Int32
	upstream := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		if n := running.Add(1); n > most.Load() {
			most.Store(n)
		}
		_, _ = rw.Write([]byte(body[:len(body)/2])) // the client sees what is missing
		_ = http.NewResponseController(rw).Flush()
		_, _ = rw.Write([]byte(body[len(body)/2 : len(body)-1]))
		running.Add(-1) // the list is not whole yet, so its reader still waits
		_, _ = rw.Write([]byte(body[len(body)-1:]))
	}))
	t.Cleanup(upstream.Close)
	s := start(t, llmls.Home(t, upstream.URL, "")).ready()
	var all []*editor.Pending
	for range 100 {
		all = append(all, s.StartCommand("llmls.models", map[string]any{}))
	}
	for _, p := range all {
		var got struct{ Models []string }
		if err := p.Wait(s.Context(), &got); err != nil || len(got.Models) != 20_000 {
			t.Fatalf("%d models, %v", len(got.Models), err)
		}
	}
	if n := most.Load(); n != 1 {
		t.Errorf("%d lists were fetched at once", n)
	}
	s.peakBelow(150)
	s.stillWorks()
}
