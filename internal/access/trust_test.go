package access

import (
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/settings"
)

func TestEndpointIsBoundToItsOrigin(t *testing.T) {
	const (
		key     = "with the key"
		without = "without the key"
		refused = "asked first"
	)
	tests := []struct {
		name, file, environment, editor string // base URLs; "" sets none
		want                            string
	}{
		{name: "default", want: key},
		{name: "file", file: "https://relay.example", want: key},
		{name: "environment", environment: "https://relay.example", want: key},
		{name: "editor names the default", editor: "api.openai.com", want: key},
		{name: "editor names another", editor: "https://evil.example", want: refused},
		{name: "editor names the file's", file: "https://relay.example/v1", editor: "https://relay.example/other", want: key},
		{name: "editor names the file's, which the environment overrides", file: "https://relay.example", environment: "https://other.example", editor: "relay.example", want: key},
		{name: "letter case and the usual port", file: "https://relay.example", editor: "HTTPS://Relay.Example:443/v1/", want: key},
		{name: "another port", file: "https://relay.example", editor: "https://relay.example:8443", want: refused},
		{name: "another scheme", file: "https://relay.example", editor: "http://relay.example", want: "plain http"},
		{name: "a subdomain", file: "https://relay.example", editor: "https://a.relay.example", want: refused},
		{name: "a longer name", file: "https://relay.example", editor: "https://relay.example.evil.example", want: refused},
		{name: "the default is not trusted with a relay's key", environment: "https://relay.example", editor: "https://api.openai.com/v1", want: refused},
		{name: "editor names this machine", editor: "http://localhost:11434/v1", want: without},
		{name: "editor names this machine by address", editor: "http://127.0.0.2:1", want: without},
		{name: "editor names this machine by IPv6", editor: "[::1]:8080", want: without},
		{name: "editor names this machine's other port", file: "http://localhost:8080", editor: "http://localhost:8081", want: without},
		{name: "editor names this machine's same port", file: "http://localhost:8080", editor: "localhost:8080", want: key},
		{name: "a name that only looks like this machine", editor: "https://localhost.evil.example", want: refused},
		{name: "a name that the resolver may lead anywhere", editor: "https://x.localhost", want: refused},
		{name: "a refused URL does not fall back to the built-in endpoint", environment: "https://u:p@relay.example", want: "user name"},
		{name: "nor an editor's", editor: "ftp://x", want: "ftp"},
		{name: "nor to the one of another layer", file: "https://relay.example", environment: "ftp://x", want: "ftp"},
		{name: "plain http to another machine", file: "http://192.0.2.1:8080", want: "plain http"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var file, environment, editor settings.Layer
			if test.file != "" {
				file, _ = settings.DecodeTOML("config.toml", []byte(`baseUrl = "`+test.file+`"`))
			}
			environment, _ = settings.FromEnvironment(variables{"OPENAI_BASE_URL": test.environment}.lookup)
			if test.editor != "" {
				editor, _ = settings.DecodeJSON(settings.OriginInitialization, []byte(`{"baseUrl":"`+test.editor+`"}`))
			}
			s := settings.Resolve(file, environment, editor)
			ac := New(variables{"OPENAI_API_KEY": canary}.lookup)
			endpoint, err := ac.endpoint(t.Context(), &s)
			preview, source, previewErr := ac.preview(&s)
			if (err == nil) != (previewErr == nil) && test.want != refused {
				t.Errorf("Endpoint says %v, Preview %v", err, previewErr)
			}
			if preview.Key != "" {
				t.Error("Preview has the key")
			}
			switch test.want {
			case key:
				if err != nil || endpoint.Key != canary || source != "OPENAI_API_KEY" {
					t.Errorf("got %q, %q, %v", endpoint.Key, source, err)
				}
			case without:
				if err != nil || endpoint.Key != "" || source != NoKey || !strings.Contains(endpoint.KeySource, "llmls trust http://") {
					t.Errorf("got %q, %q, %v", endpoint.Key, source, err)
				}
			case refused:
				failed := completion.AsError(err)
				if failed == nil || failed.Reason != completion.UntrustedHost || endpoint.Key != "" || !strings.Contains(source, "once you agreed") {
					t.Errorf("got %q, %q, %v", endpoint.Key, source, err)
				}
			default:
				failed := completion.AsError(err)
				if failed == nil || failed.Kind != completion.Config || !strings.Contains(failed.Detail, test.want) || endpoint.Key != "" {
					t.Errorf("got %q, %v", endpoint.Key, err)
				}
			}
		})
	}
}
