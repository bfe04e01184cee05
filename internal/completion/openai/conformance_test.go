package openai

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
	completiontest.TestModel(t, completiontest.Chat(), testModel)
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
