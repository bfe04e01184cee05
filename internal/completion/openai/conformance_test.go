package openai

import (
	"io"
	"log"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/completiontest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// testClient is a Client that trusts u and ends with the test.
func testClient(t testing.TB, u *completiontest.Upstream) *Client {
	c := NewClient()
	if strings.HasPrefix(u.URL, "https://") {
		transportOf(c).TLSClientConfig.RootCAs = u.Roots()
	}
	t.Cleanup(c.Close)
	return c
}

func testModel(t testing.TB, u *completiontest.Upstream) completion.Model {
	return modelFor(t, testClient(t, u), Endpoint{BaseURL: u.URL, FirstByte: time.Minute, Idle: time.Minute})
}

func modelFor(t testing.TB, c *Client, e Endpoint) completion.Model {
	t.Helper()
	m, err := c.Model(e)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestConformance(t *testing.T) {
	completiontest.TestModel(t, testModel)
}

func quiet() *log.Logger { return log.New(io.Discard, "", 0) }

// transportOf returns the transport of endpoints without a file of authorities.
func transportOf(c *Client) *http.Transport {
	transport, err := c.transports.get(&url.URL{Scheme: "https"}, "")
	if err != nil {
		panic(err) // it reads no file
	}
	return transport
}
