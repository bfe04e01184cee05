package upstream_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/internal/completion/upstream"
)

func TestModels(t *testing.T) {
	for body, want := range map[string][]string{
		`{"object":"list","data":[{"id":"b","object":"model"},{"id":"a"},{"x":1},null]}`:                 {"b", "a"},
		`{"models":[{"name":"a:latest","model":"a:latest"}],"object":"list","data":[{"id":"a:latest"}]}`: {"a:latest"},
		`{"models":[{"name":"models/a"}]}`: {"models/a"},
		`[{"id":"a"}]`:                     {"a"},
		`["a","b"]`:                        {"a", "b"},
		`["a","b\u001b[2J","c\u202e","d\ne","[f](command:g)"]`: {"a"},
		`{"data":[]}`:   nil,
		`{"data":null}`: nil,
	} {
		u := completiontest.NewUpstream(t)
		u.Script(completiontest.Status(200, "Content-Type", "application/json"), completiontest.Send(body))
		c := testClient(t, u)
		got, err := c.Models(t.Context(), withKey(u.URL, "sk-canary-0123456789"))
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got)\n%s", body, err, diff)
		}
		r := u.Next()
		if r.Method != http.MethodGet || r.Path != "/v1/models" || r.Header.Get("Authorization") != "Bearer sk-canary-0123456789" || len(r.Body) > 0 || r.Header.Get("Content-Type") != "" {
			t.Errorf("%s %s %v %q", r.Method, r.Path, r.Header, r.Body)
		}
	}
}

func TestModelsFails(t *testing.T) {
	for name, test := range map[string]struct {
		script []completiontest.Step
		want   completion.Kind
	}{
		"refused key": {[]completiontest.Step{completiontest.Error(401, "x", "y")}, completion.Auth},
		"page":        {[]completiontest.Step{completiontest.Send("<html>")}, completion.NotAnAPI},
		"other JSON":  {[]completiontest.Step{completiontest.Send(`{"status":"ok"}`)}, completion.NotAnAPI},
		"empty":       {[]completiontest.Step{completiontest.Send("")}, completion.NotAnAPI},
		"too long":    {[]completiontest.Step{completiontest.Send(`{"data":["` + strings.Repeat("x", upstream.MaxModels) + `"]}`)}, completion.Server},
		"cut":         {[]completiontest.Step{completiontest.Send(`{"data":[`), completiontest.Cut()}, completion.Network},
	} {
		u := completiontest.NewUpstream(t)
		u.Script(test.script...)
		_, err := testClient(t, u).Models(t.Context(), at(u.URL))
		if failed := completion.AsError(err); failed == nil || failed.Kind != test.want {
			t.Errorf("%s: got %v, want %s", name, err, test.want)
		}
	}
	u := completiontest.NewUpstream(t)
	u.Script(completiontest.Stall())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := testClient(t, u).Models(ctx, at(u.URL)); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v", err)
	}
}

// An error in place of a list of models is reported as an error.
func TestModelsSayWhatFailed(t *testing.T) {
	for body, want := range map[string]completion.Kind{
		`{"error":{"message":"bad key","code":"invalid_api_key"}}`: completion.Auth,
		`{"error":"no route"}`: completion.NotFound,
		`{"object":"error","message":"it fell over","code":500}`:                    completion.Server,
		`{"base_resp":{"status_code":1004,"status_msg":"login fail: bad API key"}}`: completion.Auth,
	} {
		u := completiontest.NewUpstream(t)
		u.Script(completiontest.Status(200, "Content-Type", "application/json"), completiontest.Send(body))
		_, err := testClient(t, u).Models(t.Context(), at(u.URL))
		if failed := completion.AsError(err); failed == nil || failed.Kind != want || failed.Detail == "" {
			t.Errorf("%s: %v", body, err)
		}
	}
}
