package upstream_test

import (
	"io"
	"log"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/internal/completion/openai"
	"github.com/llmls/llmls/internal/completion/upstream"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// testClient is a Client that trusts u and ends with the test.
func testClient(t testing.TB, u *completiontest.Upstream) *upstream.Client {
	c := upstream.NewClient()
	if strings.HasPrefix(u.URL, "https://") {
		upstream.TransportOf(c).TLSClientConfig.RootCAs = u.Roots()
	}
	t.Cleanup(c.Close)
	return c
}

// at is the endpoint at an address, which speaks chat completions.
func at(base string) upstream.Endpoint {
	return upstream.Endpoint{Format: openai.Format{}, BaseURL: base}
}

// withKey is at with a key.
func withKey(base, key string) upstream.Endpoint {
	e := at(base)
	e.Key = key
	return e
}

func testModel(t testing.TB, u *completiontest.Upstream) completion.Model {
	e := at(u.URL)
	e.FirstByte, e.Idle = time.Minute, time.Minute
	return modelFor(t, testClient(t, u), e)
}

func modelFor(t testing.TB, c *upstream.Client, e upstream.Endpoint) completion.Model {
	t.Helper()
	m, err := c.Model(e)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func quiet() *log.Logger { return log.New(io.Discard, "", 0) }
