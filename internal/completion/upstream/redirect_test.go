package upstream_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/completiontest"
)

func TestRedirectsAreNotFollowed(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		evil := completiontest.NewUpstream(t)
		u := completiontest.NewUpstream(t)
		u.Script(completiontest.Status(status, "Location", evil.URL+"/chat/completions"), completiontest.Send(""))
		e := failing(t, testClient(t, u), withKey(u.URL, "sk-canary-0123456789"))
		to, _ := url.Parse(evil.URL)
		if e.Kind != completion.NotAnAPI || e.Reason != completion.Redirected || e.Detail != to.Host || e.Status != status {
			t.Errorf("%d: got %+v", status, e)
		}
		if n := len(evil.Requests()); n > 0 {
			t.Errorf("%d: the target got %d requests", status, n)
		}
	}
	u := completiontest.NewUpstream(t)
	u.Script(completiontest.Status(304), completiontest.Send(""))
	if e := failing(t, testClient(t, u), at(u.URL)); e.Kind != completion.NotAnAPI || e.Status != 304 {
		t.Errorf("without a target: got %+v", e)
	}
}

// A redirect within the origin says what to set.
func TestRedirectToAnotherPath(t *testing.T) {
	for location, want := range map[string]string{
		"/api/v1/chat/completions":      "/api/v1",
		"/api/v1/chat/completions?x=y":  "/api/v1",
		"/v2/chat/completions/":         "/v2",
		"../../openai/chat/completions": "/openai",
	} {
		u := completiontest.NewUpstream(t)
		u.Script(completiontest.Status(308, "Location", location), completiontest.Send(""))
		e := failing(t, testClient(t, u), at(u.URL))
		if to := strings.TrimSuffix(u.URL, "/v1") + want; e.Reason != completion.Redirected || e.Detail != to || !strings.Contains(e.Sentence(), "Set baseUrl to "+to) {
			t.Errorf("%s: %+v, want %s", location, e, to)
		}
	}
}

// A redirect that names no host names nothing to set.
func TestRedirectToNothing(t *testing.T) {
	for _, location := range []string{"javascript:x", "mailto:a@b.test", ""} {
		u := completiontest.NewUpstream(t)
		u.Script(completiontest.Status(302, "Location", location), completiontest.Send(""))
		if e := failing(t, testClient(t, u), at(u.URL)); e.Kind != completion.NotAnAPI || e.Status != 302 || strings.Contains(e.Sentence(), "  ") || !strings.Contains(e.Sentence(), "Check baseUrl") {
			t.Errorf("%q: %+v, %s", location, e, e.Sentence())
		}
	}
}
