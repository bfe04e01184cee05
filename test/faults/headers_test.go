//go:build linux

package faults

import (
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/test/process"
)

// Header fields go where their key goes: to the address beside them, and to no
// other that the environment, the editor or an agreement names.
func TestHeadersAreBoundToTheirOrigin(t *testing.T) {
	t.Parallel()
	home := func(t *testing.T, u *completiontest.Upstream) *process.Home {
		h := llmls.Home(t, "", calm+"baseUrl = '"+u.URL+"'\nheaders = { x-gateway = '"+gatewayHeader+"', authorization = 'Basic ${apiKey}' }\n")
		h.Unset("OPENAI_BASE_URL")
		return h
	}
	without := func(what string, u *completiontest.Upstream) {
		t.Helper()
		requests := u.Requests()
		if len(requests) == 0 {
			t.Errorf("%s: nothing was sent", what)
		}
		for _, r := range requests {
			if r.Header.Get("X-Gateway") != "" || strings.HasPrefix(r.Header.Get("Authorization"), "Basic") {
				t.Errorf("%s: sent %v", what, r.Header)
			}
		}
	}
	ours, other := completiontest.NewUpstream(t), completiontest.NewUpstream(t)
	h := home(t, ours)
	h.Run(t, "ask", "why?").Exits(0)
	if r := ours.Requests()[0]; r.Header.Get("X-Gateway") != gatewayHeader || r.Header.Get("Authorization") != "Basic "+process.Key {
		t.Errorf("sent %v", r.Header)
	}
	h.Env = append(h.Env, "OPENAI_BASE_URL="+other.URL)
	h.Run(t, "ask", "why?").Exits(0)
	without("the environment", other)

	byEditor := func(h *process.Home, u *completiontest.Upstream) {
		t.Helper()
		s := start(t, h)
		_, err := s.Initialize(s.Context(), map[string]any{"capabilities": map[string]any{}, "initializationOptions": map[string]any{"baseUrl": u.URL}})
		s.Must(err)
		s.Open(uri, "python", document)
		_, err = s.explain("t")
		s.Must(err)
	}
	h, other = home(t, ours), completiontest.NewUpstream(t)
	byEditor(h, other)
	without("the editor", other)
	h.Run(t, "trust", other.URL).Exits(0)
	byEditor(h, other)
	without("an agreement", other)
	n := len(ours.Requests())
	byEditor(h, ours)
	if r := ours.Requests()[n]; r.Header.Get("X-Gateway") != gatewayHeader {
		t.Errorf("where the editor names the same address: sent %v", r.Header)
	}

	// Without an address beside them they are about the user's own.
	h = llmls.Home(t, ours.URL, calm+"headers = { x-gateway = '"+gatewayHeader+"' }\n")
	n = len(ours.Requests())
	h.Run(t, "ask", "why?").Exits(0)
	if r := ours.Requests()[n]; r.Header.Get("X-Gateway") != gatewayHeader || r.Header.Get("Authorization") != "Bearer "+process.Key {
		t.Errorf("beside OPENAI_BASE_URL: sent %v", r.Header)
	}
	other = completiontest.NewUpstream(t)
	byEditor(h, other)
	without("the editor, beside OPENAI_BASE_URL", other)
}

// An endpoint repeats the header fields it got in all its failures, and a prompt
// holds them: they are in no sink and leave in no prompt, to whichever endpoint.
func TestHeadersStay(t *testing.T) {
	t.Parallel()
	basic := "dXNlcjpiYXNpYy1jYW5hcnk0NzE0"
	headers := "headers = { x-gateway = '" + gatewayHeader + "', x-login = 'Basic " + basic + "', cookie = 'id=cookieCanary4715', x-team = 'compilers', x-plain = 'plainheaderword' }\n"
	secrets := []string{gatewayHeader, basic, "cookieCanary4715"}
	echo := `{"error":{"message":"got ` + strings.Join(secrets, " and ") + ` and plainheaderword"}}`
	for name, script := range map[string]steps{
		"refused": {completiontest.Status(401), completiontest.Send(echo)},
		"broken":  {completiontest.Status(500), completiontest.Send(echo)},
		"half":    {completiontest.Delta("Half"), completiontest.Event(echo)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u, free := completiontest.NewUpstream(t), completiontest.NewUpstream(t)
			u.Script(script...)
			h := llmls.Home(t, "", "retries = 1\nlogLevel = 'debug'\nbaseUrl = '"+free.URL+"'\n[endpoints.gateway]\nbaseUrl = '"+u.URL+"'\n"+headers)
			h.Unset("OPENAI_BASE_URL")
			file := h.Write(t, "w/a.py", "team = 'compilers'\n"+strings.Join(secrets, "\n")+"\n")
			s := start(t, h)
			s.Initialized("", h.Dir+"/w")
			ask := map[string]any{"uri": "file://" + file, "range": map[string]any{"start": map[string]int{"line": 0, "character": 0}, "end": map[string]int{"line": 9, "character": 0}}, "partialResultToken": "t"}
			s.Must(s.Command("llmls.explain", ask, nil)) // the other endpoint gets a prompt without them
			ask["endpoint"] = "gateway"
			_ = s.Command("llmls.explain", ask, nil) // how it fails is looked at below
			sinks := map[string]string{"the log": h.Log(t), "stderr": s.Stderr.String()}
			for _, m := range s.Seen() {
				sinks["the wire"] += string(m.Params) + string(m.Result)
				if m.Error != nil {
					sinks["the wire"] += m.Error.Message
				}
			}
			for _, args := range []string{"ask -e gateway why?", "check -e gateway", "models -e gateway", "settings", "explain --dry-run -e gateway " + file, "explain " + file} {
				c := h.Run(t, strings.Fields(args)...)
				sinks[args] = c.Stdout.String() + c.Stderr.String()
			}
			for _, r := range append(u.Requests(), free.Requests()...) {
				sinks["a prompt"] += string(r.Body)
			}
			if !strings.Contains(sinks["a prompt"], "compilers") || !strings.Contains(sinks["settings"], "x-team") {
				t.Errorf("what is no secret was kept back: %q", sinks)
			}
			for sink, text := range sinks {
				for _, secret := range append(secrets, "plainheaderword") {
					if strings.Contains(text, secret) {
						t.Errorf("%s holds %q: %s", sink, secret, text)
					}
				}
			}
			for _, r := range free.Requests() {
				if r.Header.Get("X-Gateway") != "" {
					t.Errorf("the other endpoint got %v", r.Header)
				}
			}
		})
	}
}
