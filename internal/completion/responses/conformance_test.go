package responses

import (
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/internal/completion/upstream"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

func TestConformance(t *testing.T) {
	completiontest.TestModel(t, completiontest.Responses(), testModel)
}

func testModel(t testing.TB, u *completiontest.Upstream) completion.Model {
	c := upstream.NewClient()
	t.Cleanup(c.Close)
	m, err := c.Model(upstream.Endpoint{
		Format: Format{}, BaseURL: u.URL, CAFile: u.CAFile(t), FirstByte: time.Minute, Idle: time.Minute,
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// llama-server says that a response is completed also where its limit cut it.
func TestCutAtTheLimit(t *testing.T) {
	w := completiontest.Responses()
	for limit, want := range map[int]completion.FinishReason{0: completion.FinishStop, 6: completion.FinishStop, 5: completion.FinishLength} {
		u := completiontest.NewUpstream(t)
		u.Script(w.Send(w.Delta("Hello")), w.Send(w.End(completion.FinishStop, completion.Usage{PromptTokens: 7, CompletionTokens: 5})...))
		req := completiontest.Prompt()
		req.MaxOutputTokens = limit
		if o := completiontest.Collect(t, testModel(t, u).Stream(t.Context(), req)); o.Err != nil || o.Finish.Reason != want {
			t.Errorf("limit %d: %+v, %v, want %s", limit, o.Finish, o.Err, want)
		}
	}
}
