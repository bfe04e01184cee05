package completiontest

import (
	"bytes"
	"embed"
	"encoding/json"
	"io/fs"
	"iter"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/llmls/llmls/internal/completion"
)

//go:embed testdata
var testdata embed.FS

// A quirk is a case of the corpus; its README explains the members.
type quirk struct {
	Delivery struct {
		Mode string
		H2   bool
		Then string
	}
	Expect struct {
		Content     *string
		ContentTrim *string `json:"content_trim"`
		Len         int     `json:"content_len"`
		Prefix      string  `json:"content_prefix"`
		Suffix      string  `json:"content_suffix"`
		Reasoning   string
		ThoughtTrim *string `json:"reasoning_trim"`
		Finish      completion.FinishReason
		FinishAny   []completion.FinishReason `json:"finish_any"`
		Usage       int
		Tools       [][3]string
		Err         bool
		ErrHas      string `json:"err_has"`
		Kind        completion.Kind
		Says        string // the sentence about the end
		MaxMS       int    `json:"max_ms"`
		MaxAttempts int    `json:"max_attempts"`
	}
	Must string

	response response
}

// A response is what a server sends, without the framing of the transport.
type response struct {
	status int
	header []string // names and values
	body   string
}

func testQuirks(t *testing.T, w *Wire, newModel Factory) {
	for _, name := range quirkNames(t, w) {
		q := loadQuirk(t, w, name)
		for _, mode := range q.modes() {
			t.Run(name+"/"+mode, func(t *testing.T) {
				t.Parallel() // some wait before they try again
				u := NewUpstream(t)
				if q.Delivery.H2 {
					u = NewTLSUpstream(t)
				}
				scripts := [][]Step{q.response.deliver(mode)}
				if then := q.Delivery.Then; then != "" {
					scripts = append(scripts, loadQuirk(t, w, then).response.deliver("whole"))
				}
				u.Scripts(scripts...)
				limit := patience
				if q.Expect.MaxMS > 0 {
					limit = time.Duration(q.Expect.MaxMS) * time.Millisecond
				}
				within(t, limit, func() {
					model := completion.WithRetries(newModel(t, u), 2)
					q.check(t, Collect(t, u.resumeAfterText(model.Stream(t.Context(), Prompt()))))
				})
				if n := len(u.Requests()); q.Expect.MaxAttempts > 0 && n > q.Expect.MaxAttempts {
					t.Errorf("%d attempts", n)
				}
				if t.Failed() {
					t.Logf("a good client must: %s", q.Must)
				}
			})
		}
	}
}

// modes are the ways to deliver a quirk: its own, and, where that leaves it
// open, cut at every place.
func (q *quirk) modes() []string {
	const longBody = 64 << 10 // byte by byte this would take a while
	switch mode := q.Delivery.Mode; {
	case mode != "" && mode != "events":
		return []string{mode}
	case q.Delivery.Then != "" || len(q.response.body) > longBody:
		return []string{"whole", "events"}
	default:
		return []string{"whole", "events", "bytes"}
	}
}

func (r *response) deliver(mode string) []Step {
	steps := []Step{Status(r.status, r.header...)}
	switch mode {
	case "bytes":
		return append(steps, SendBytes(r.body, 1))
	case "events":
		return append(steps, SendEvents(r.body))
	case "gzip":
		return append(steps, Gzip(), SendEvents(r.body))
	case "cut", "h2reset":
		return append(steps, SendEvents(r.body), Cut())
	case "rst":
		// A reset may arrive before data that was sent earlier, so it is sent once
		// the text was read.
		return append(steps, SendEvents(r.body), Pause("reset"), Reset())
	case "hold", "stall":
		return append(steps, SendEvents(r.body), Stall())
	default:
		return append(steps, Send(r.body))
	}
}

// resumeAfterText lets the script go on from Pause("reset") once text is here.
func (u *Upstream) resumeAfterText(events iter.Seq2[completion.Event, error]) iter.Seq2[completion.Event, error] {
	return func(yield func(completion.Event, error) bool) {
		for event, err := range events {
			if event.Kind == completion.Delta {
				u.Resume("reset")
			}
			if !yield(event, err) {
				return
			}
		}
	}
}

func (q *quirk) check(t *testing.T, o *Outcome) {
	t.Helper()
	e := &q.Expect
	if e.Content != nil && *e.Content != o.Content {
		t.Errorf("content (-want +got)\n%s", cmp.Diff(*e.Content, o.Content))
	}
	if e.Len > 0 && len(o.Content) != e.Len {
		t.Errorf("%d bytes of content, want %d", len(o.Content), e.Len)
	}
	if !strings.HasPrefix(o.Content, e.Prefix) || !strings.HasSuffix(o.Content, e.Suffix) {
		t.Errorf("content %q, want %q…%q", o.Content, e.Prefix, e.Suffix)
	}
	if e.ContentTrim != nil && strings.TrimSpace(o.Content) != *e.ContentTrim {
		t.Errorf("content %q, want %q", o.Content, *e.ContentTrim)
	}
	switch {
	case e.ThoughtTrim != nil && strings.TrimSpace(o.Reasoning) != *e.ThoughtTrim:
		t.Errorf("reasoning %q, want %q", o.Reasoning, *e.ThoughtTrim)
	case e.ThoughtTrim == nil && o.Reasoning != e.Reasoning:
		t.Errorf("reasoning %q, want %q", o.Reasoning, e.Reasoning)
	}
	q.checkEnd(t, o)
}

func (q *quirk) checkEnd(t *testing.T, o *Outcome) {
	t.Helper()
	e := &q.Expect
	if e.Err {
		failed := completion.AsError(o.Err)
		switch {
		case failed == nil:
			t.Errorf("error %v, want an *Error", o.Err)
		case e.Kind != "" && failed.Kind != e.Kind:
			t.Errorf("error %v, want kind %s", failed, e.Kind)
		case !contains(failed.Detail+"\n"+failed.Sentence(), e.ErrHas):
			t.Errorf("error %v, want %q in it", failed, e.ErrHas)
		}
		return
	}
	if o.Err != nil {
		t.Errorf("error %v", o.Err)
		return
	}
	if want := append(e.FinishAny, e.Finish); !slices.Contains(want, o.Finish.Reason) {
		t.Errorf("finish %q, want %q", o.Finish.Reason, want)
	}
	if got := o.Finish.Sentence(); !contains(got, e.Says) {
		t.Errorf("it says %q, want %q in it", got, e.Says)
	}
	if u := o.Finish.Usage; e.Usage > 0 && (u == nil || u.PromptTokens+u.CompletionTokens != e.Usage) {
		t.Errorf("usage %+v, want %d tokens", u, e.Usage)
	}
	var tools [][3]string
	for _, call := range o.Finish.ToolCalls {
		tools = append(tools, [3]string{call.ID, call.Name, call.Arguments})
	}
	if diff := cmp.Diff(e.Tools, tools); diff != "" {
		t.Errorf("tool calls (-want +got)\n%s", diff)
	}
}

func quirkNames(t *testing.T, w *Wire) []string {
	files, err := fs.Glob(testdata, "testdata/"+w.Quirks+"/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("quirks: %d files, %v", len(files), err)
	}
	for i, file := range files {
		files[i] = strings.TrimSuffix(path.Base(file), ".json")
	}
	return files
}

func loadQuirk(t *testing.T, w *Wire, name string) *quirk {
	q := &quirk{}
	if err := json.Unmarshal(read(t, w.Quirks+"/"+name+".json"), q); err != nil {
		t.Fatal(err)
	}
	file := "testdata/" + w.Quirks + "/" + name
	if body, err := testdata.ReadFile(file + ".sse"); err == nil {
		q.response = response{status: http.StatusOK, header: []string{"Content-Type", "text/event-stream"}, body: string(body)}
	} else {
		q.response = parseResponse(t, read(t, w.Quirks+"/"+name+".http"))
	}
	return q
}

func read(t *testing.T, name string) []byte {
	b, err := testdata.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// parseResponse reads a response with its head. What frames it on the wire is
// left out: it is framed anew.
func parseResponse(t *testing.T, raw []byte) response {
	eol := "\n"
	if bytes.Contains(raw, []byte("HTTP/1.1 ")) && bytes.Contains(raw, []byte("\r\n\r\n")) {
		eol = "\r\n"
	}
	head, body, ok := strings.Cut(string(raw), eol+eol)
	statusLine, fields, _ := strings.Cut(head, eol)
	parts := strings.SplitN(statusLine, " ", 3)
	if !ok || len(parts) < 2 {
		t.Fatalf("no response: %q", statusLine)
	}
	status, err := strconv.Atoi(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	r := response{status: status, body: body}
	for field := range strings.SplitSeq(fields, eol) {
		switch name, value, _ := strings.Cut(field, ":"); strings.ToLower(name) {
		case "", "transfer-encoding", "content-length", "connection", "keep-alive":
		default:
			r.header = append(r.header, name, strings.TrimSpace(value))
		}
	}
	return r
}
