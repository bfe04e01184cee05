package upstream_test

import (
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/completiontest"
)

func compressed(t *testing.T, coding, text string) string {
	t.Helper()
	var b strings.Builder
	var w io.WriteCloser
	switch coding {
	case "gzip":
		w = gzip.NewWriter(&b)
	case "zlib":
		w = zlib.NewWriter(&b)
	case "flate":
		w, _ = flate.NewWriter(&b, flate.BestSpeed)
	case "none":
		return text
	}
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestUnaskedCompression(t *testing.T) {
	for _, test := range []struct{ header, coding string }{
		{"gzip", "gzip"}, {"x-gzip", "gzip"}, {"GZIP", "gzip"}, {"gzip", "none"}, {"identity", "none"}, {"", "gzip"}, {"identity", "gzip"}, {"deflate", "zlib"}, {"deflate", "flate"},
	} {
		u := completiontest.NewUpstream(t)
		u.Script(completiontest.Status(200, "Content-Encoding", test.header), completiontest.Send(compressed(t, test.coding, helData+loData+stopData+doneData)))
		o := completiontest.Collect(t, testModel(t, u).Stream(t.Context(), completiontest.Prompt()))
		if o.Err != nil || o.Content != "Hello" {
			t.Errorf("%+v: got %q, %v", test, o.Content, o.Err)
		}
		if asked := u.Next().Header.Get("Accept-Encoding"); asked != "" {
			t.Errorf("asked for %q", asked)
		}
	}
	u := completiontest.NewUpstream(t)
	u.Script(completiontest.Status(200, "Content-Encoding", "br"), completiontest.Send("\x0b\x02\x80"))
	if e := failing(t, testClient(t, u), at(u.URL)); e.Kind != completion.NotAnAPI || !strings.Contains(e.Detail, "br") {
		t.Errorf("got %+v", e)
	}
	u.Script(completiontest.Status(429, "Content-Encoding", "gzip"), completiontest.Send(compressed(t, "gzip", `{"error":"slow down"}`)))
	if e := failing(t, testClient(t, u), at(u.URL)); e.Kind != completion.RateLimit || e.Detail != "slow down" {
		t.Errorf("got %+v", e)
	}
}

// A megabyte of gzip that becomes a gigabyte must cost neither the memory nor
// the answer so far.
func TestCompressionBomb(t *testing.T) {
	padding := strings.Repeat(" ", 4000)
	for name, unit := range map[string]string{"comments": ":" + padding + "\n\n", "one line": "x", "empty chunks": "data: {" + padding + "}\n\n"} {
		u := completiontest.NewUpstream(t)
		// gzip may be concatenated, which spares the test compressing it all.
		bomb := compressed(t, "gzip", helData) +
			strings.Repeat(compressed(t, "gzip", strings.Repeat(unit, (1<<20)/len(unit))), 100)
		u.Script(completiontest.Status(200, "Content-Encoding", "gzip"), completiontest.Send(bomb))
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		o := completiontest.Collect(t, testModel(t, u).Stream(t.Context(), completiontest.Prompt()))
		runtime.ReadMemStats(&after)
		if failed := completion.AsError(o.Err); failed == nil || failed.Kind != completion.Server || o.Content != "Hel" {
			t.Errorf("%s: got %q, %v", name, o.Content, o.Err)
		}
		if grown := after.TotalAlloc - before.TotalAlloc; grown > 100<<20 {
			t.Errorf("%s: %d MiB allocated", name, grown>>20)
		}
	}
}
