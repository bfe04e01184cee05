package messages

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
	completiontest.TestModel(t, completiontest.Messages(), testModel)
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

// An endpoint that does not speak the form may be the wrong one, or asked in the wrong
// form.
func TestWrongForm(t *testing.T) {
	for kind, script := range map[completion.Kind][]completiontest.Step{
		completion.NotFound: {completiontest.Status(404, "Content-Type", "application/json"), completiontest.Send(`{"detail":"Not Found"}`)},
		completion.NotAnAPI: {completiontest.Status(200, "Content-Type", "text/html"), completiontest.Send(`<title>Welcome</title>`)},
	} {
		u := completiontest.NewUpstream(t)
		u.Script(script...)
		failed := completion.AsError(completiontest.Collect(t, testModel(t, u).Stream(t.Context(), completiontest.Prompt())).Err)
		if failed == nil || failed.Kind != kind || failed.API != "messages" {
			t.Errorf("got %+v, want kind %s", failed, kind)
		}
	}
}
