package settings

import (
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/llmls/llmls/internal/completion/upstream"
)

// strays reports environment variables that may be meant to set where code goes, and that
// llmls does not read. Those that begin with LLMLS are meant for llmls. Those that begin
// with OPENAI may be another program's, and count only while the user's own settings name
// no endpoint: older programs read OPENAI_API_BASE, and the key beside it is not one for
// OpenAI.
func strays(lookup func(string) (string, bool), file, environment Layer) []Problem {
	user := sync.OnceValue(func() Settings { return Resolve(file, environment) })
	var found []Problem
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		rest, ours := cutPrefixFold(name, "LLMLS")
		if !ours {
			var openAI bool
			if rest, openAI = cutPrefixFold(name, "OPENAI"); !openAI {
				continue
			}
		}
		text, _ := lookup(name)
		if text = strings.TrimSpace(text); text == "" || isVariableRead(name) {
			continue
		}
		s := user()
		g := guessAt(rest)
		if !g.route || isSameVariable(name, s.APIKeyEnv) {
			continue
		}
		if !ours && g.near == endpointName { // other programs call the address an endpoint
			g.near = BaseURL
		}
		if !ours && (len(s.named) > 0 || g.near != BaseURL || isBuiltIn(text)) {
			continue
		}
		detail := "llmls does not read this variable"
		switch {
		case looksLikeKey(rest):
			detail = detailKeyIsNoSetting
		case g.near != "":
			detail += "; did you mean " + variableOf(g.near) + "?"
		}
		found = append(found, Problem{Source: "environment", Key: shown(name), Detail: detail})
	}
	return found
}

func cutPrefixFold(name, prefix string) (rest string, ok bool) {
	if len(name) < len(prefix) || !strings.EqualFold(name[:len(prefix)], prefix) {
		return name, false
	}
	return name[len(prefix):], true
}

// isVariableRead reports whether llmls reads a setting from the variable called
// name.
func isVariableRead(name string) bool {
	return slices.ContainsFunc(Variables(), func(v Variable) bool { return isSameVariable(name, v.Name) })
}

// isSameVariable compares names of variables, without letter case on Windows.
func isSameVariable(a, b string) bool {
	return a == b || runtime.GOOS == "windows" && strings.EqualFold(a, b)
}

// variableOf returns the variable that sets key, or where else it is set.
func variableOf(key string) string {
	for _, v := range Variables() {
		if v.Key == key {
			return v.Name
		}
	}
	return key + " in config.toml"
}

// isBuiltIn reports whether baseURL leads to the built-in endpoint.
func isBuiltIn(baseURL string) bool {
	u, err := upstream.ParseBase(baseURL)
	builtIn, _ := upstream.ParseBase(Default().BaseURL)
	return err == nil && u.Hostname() == builtIn.Hostname()
}
