package upstream

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/llmls/llmls/internal/completion"
)

// A page of a firewall is one with a good status, too.
func TestFirewallWithAGoodStatus(t *testing.T) {
	for _, test := range []struct {
		status int
		header http.Header
		body   string
		want   bool
	}{
		{200, nil, "<html><title>Request Rejected</title>The requested URL was rejected. Please consult with your administrator.", true},
		{200, http.Header{"Cf-Mitigated": {"challenge"}}, "<html>", true},
		{405, nil, "<html><title>405</title>由于您访问的URL有可能对网站造成安全威胁，您的访问被阻断", true},
		{429, http.Header{"X-Vercel-Mitigated": {"challenge"}}, "<html>", true},
		{200, nil, "<html><title>Welcome</title>", false},
		{405, nil, "<html><title>405 Not Allowed</title>", false},
		{200, nil, `{"text":"the requested url was rejected"}`, false},
	} {
		if got := isFirewall(test.status, test.header, []byte(test.body)); got != test.want {
			t.Errorf("%d %q: %v", test.status, test.body, got)
		}
	}
}

type chatPath struct{ Format }

func (chatPath) Path() string { return "/chat/completions" }

// A redirect names what to set, and nothing that is set already.
func TestWhereARedirectLeads(t *testing.T) {
	target := testTarget()
	target.format = chatPath{}
	for to, want := range map[string]string{
		target.url.String() + "/":               "Check baseUrl",
		target.base.String() + "/v9/x":          "Set baseUrl to " + target.base.String() + "/v9/x",
		"https://other.example/v1?key=x":        "Set baseUrl to other.example if",
		"http://" + target.base.Host + ":81/v1": "Set baseUrl to ",
	} {
		at, err := url.Parse(to)
		if err != nil {
			t.Fatal(err)
		}
		if e := target.redirectedTo(at, 308); !strings.HasPrefix(e.Sentence(), want) || strings.Contains(e.Sentence(), "key=") || e.Status != 308 {
			t.Errorf("%s: %s", to, e.Sentence())
		}
	}
}

// A model that cannot be loaded is not waited for, and one that is being loaded is,
// whatever the status.
func TestLoadingFailed(t *testing.T) {
	for said, want := range map[string]bool{
		"llama runner process has terminated: error loading model: unable to allocate CUDA buffer": false,
		"Failed to load model: loading model metadata":                                             false,
		"模型加载失败，正在加载其他模型":                                                                          false,
		"Model is loading. Please try again later":                                                 true,
		"Model is initializing":                                                                    true,
	} {
		for _, status := range []int{400, 429, 500, 503} {
			e := testTarget().failed(status, nil, &failure{message: said})
			if got := e.Reason == completion.Loading; got != want {
				t.Errorf("%d %s: %q", status, said, e.Reason)
			}
		}
	}
}

// A time of day is a wait, too.
func TestWaitUntil(t *testing.T) {
	now := time.Date(2026, 11, 29, 10, 0, 0, 0, time.UTC)
	for said, want := range map[string]time.Duration{
		"Limit reached, resets at 2026-11-29T12:00:00Z":          2 * time.Hour,
		"Try again after 2026-11-29 10:00:30+00:00.":             30 * time.Second,
		"Limit reached on 2026-11-29T12:00:00Z":                  0,
		"Please retry, not before 2026-11-29T09:00:00Z":          0,
		"Please retry in 3 s. The time is 2026-11-29T10:00:00Z.": 3 * time.Second,
	} {
		if got := (&failure{message: said}).wait(nil, now); got != want {
			t.Errorf("%s: %v, want %v", said, got, want)
		}
	}
	h := http.Header{"Anthropic-Ratelimit-Tokens-Reset": {"2026-11-29T10:01:00Z"}}
	if got := (&failure{}).wait(h, now); got != time.Minute {
		t.Errorf("%v", got)
	}
}

// A request that is over its limit alone is too long, in whatever order it is said.
func TestOverTheLimitAlone(t *testing.T) {
	for said, want := range map[string]bool{
		"TPM limit 10000, request uses 20000":                             true,
		"Max tokens per minute is 8000, but request has 9000 tokens":      true,
		"Max tokens per minute is 8000, but request has 7000 tokens":      false,
		"Rate limit: 3 requests per minute. Your request id is 123456789": false,
	} {
		e := testTarget().failed(429, nil, &failure{message: said})
		if got := e.Reason == completion.ContextTooLong; got != want {
			t.Errorf("%s: %q", said, e.Reason)
		}
	}
}
