package settings

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// variables is an environment.
type variables map[string]string

func (v variables) lookup(name string) (string, bool) {
	value, ok := v[name]
	return value, ok
}

// must is for layers without problems.
func must(t *testing.T) func(Layer, []Problem) Layer {
	return func(layer Layer, problems []Problem) Layer {
		t.Helper()
		if len(problems) > 0 {
			t.Fatal(Sentence(problems))
		}
		return layer
	}
}

func TestResolveLaterWins(t *testing.T) {
	layers := []Layer{
		must(t)(DecodeTOML("/c/config.toml", []byte("model = \"file\"\nretries = 1\nlanguage = \"file\""))),
		must(t)(FromEnvironment(variables{"LLMLS_MODEL": "environment", "LLMLS_LOG_LEVEL": ""}.lookup)),
		must(t)(DecodeJSON(OriginInitialization, []byte(`{"model":"initialization","retries":2}`))),
		must(t)(DecodeJSON(OriginConfiguration, []byte(`[{"model":"configuration"}]`))),
		must(t)(DecodeJSON(OriginDidChange, []byte(`{"model":"change"}`))),
	}
	want := []struct {
		model, source string
		origin        Origin
	}{
		{"gpt-4o-mini", "default", OriginDefault},
		{"file", "/c/config.toml", OriginFile},
		{"environment", "LLMLS_MODEL", OriginEnvironment},
		{"initialization", "initializationOptions", OriginInitialization},
		{"configuration", "workspace/configuration", OriginConfiguration},
		{"change", "workspace/didChangeConfiguration", OriginDidChange},
	}
	for i, want := range want {
		some := slices.Clone(layers[:i])
		slices.Reverse(some) // the order of the arguments does not matter
		s := Resolve(some...)
		if s.Model != want.model || s.Source("model") != want.source || s.Origin("model") != want.origin {
			t.Errorf("%d layers: %q from %q (%v), want %+v", i, s.Model, s.Source("model"), s.Origin("model"), want)
		}
	}
	s := Resolve(layers...)
	if s.Retries != 2 || s.Origin("retries") != OriginInitialization || s.Language != "file" || s.Origin("logLevel") != OriginDefault {
		t.Errorf("got %+v", s)
	}
}

func TestFromEnvironment(t *testing.T) {
	layer, problems := FromEnvironment(variables{
		"OPENAI_BASE_URL": " localhost:8080 ", "LLMLS_MODEL": "a\x00b", "LLMLS_LOG_LEVEL": "Loud", "OPENAI_API_KEY": canary,
	}.lookup)
	if s := Resolve(layer); s.BaseURL != "localhost:8080" || s.Source("baseUrl") != "OPENAI_BASE_URL" || s.Model != "gpt-4o-mini" {
		t.Errorf("got %+v", s)
	}
	checkProblems(t, problems, []string{
		"model (LLMLS_MODEL): expected a string of one line, not empty, found another string; it keeps its earlier value",
		"logLevel (LLMLS_LOG_LEVEL): expected one of error, warn, info, debug, found another string; it keeps its earlier value",
	})
}

func TestLoadUser(t *testing.T) {
	dir := t.TempDir()
	env := variables{"XDG_CONFIG_HOME": dir, "LLMLS_MODEL": "m"}
	path := filepath.Join(dir, "llmls", "config.toml")
	if got := Path(env.lookup); got != path {
		t.Fatalf("the path is %q, want %q", got, path)
	}
	load := func(retries int, stops ...string) {
		t.Helper()
		layers, problems := LoadUser(env.lookup)
		if s := Resolve(layers...); s.Model != "m" || s.Retries != retries {
			t.Errorf("got %q and %d", s.Model, s.Retries)
		}
		checkProblems(t, problems, nil)
		s := Resolve(layers...)
		checkProblems(t, s.stops, stops)
		// With an endpoint in the environment it is no more than a problem.
		env := maps.Clone(env)
		env["OPENAI_BASE_URL"] = "http://localhost:8080"
		layers, problems = LoadUser(env.lookup)
		checkProblems(t, problems, stops)
		if s := Resolve(layers...); s.Stop() != nil || s.BaseURL != "http://localhost:8080" {
			t.Errorf("with an endpoint in the environment: %q, %v", s.BaseURL, s.Stop())
		}
	}
	load(2) // there is no file
	if err := os.MkdirAll(path, 0o700); err != nil {
		t.Fatal(err)
	}
	load(2, path+": "+detailNotAFile)
	write := func(data string) {
		t.Helper()
		if err := os.RemoveAll(path); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("retries = 5\nmodel = \"file\"\n")
	load(5)
	write("retries = 5\n\nmodel 7")
	load(2, path+": line 3, column 7 is not TOML, so nothing in the file counts; correct it there")
	write("retries = 5\n" + strings.Repeat("#", maxFile))
	load(2, path+": "+detailTooLarge)
}

// TestPathIgnoresRelative is a rule of the XDG base directory specification;
// a relative path would lead into the repository the editor was started in.
func TestPathIgnoresRelative(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	t.Setenv("XDG_CONFIG_HOME", "relative")
	if got := Path(os.LookupEnv); got != "" && !filepath.IsAbs(got) {
		t.Errorf("the path is %q", got)
	}
}

// Each setting has a row. Those that are named here look as they should.
func TestTable(t *testing.T) {
	file := must(t)(DecodeTOML("/c/config.toml", []byte(`apiKeyCommand = ["pass", "`+canary+`"]
baseUrl = "https://x.example/v1?key=`+canary+`"
systemPrompt = "a\nb"
temperature = 0.5`)))
	got := Resolve(file).Table("apiKeyCommand (pass)")
	checkNoCanary(t, got)
	const want = `SETTING             VALUE                      FROM
model               gpt-4o-mini                default
baseUrl             https://x.example/v1?…     /c/config.toml
api                 chat                       default
apiKeyEnv           OPENAI_API_KEY             default
apiKeyCommand       pass …                     /c/config.toml
caFile              ""                         default
headers             unset                      default
plainHttp           false                      default
maxOutputTokens     0                          default
temperature         0.5                        /c/config.toml
reasoningEffort     ""                         default
endpoint            default                    default
fallback            unset                      default
systemPrompt        "a\nb"                     /c/config.toml
language            ""                         default
timeouts.firstByte  2m                         default
timeouts.idle       1m                         default
retries             2                          default
context.maxTokens   16000                      default
context.related     1200                       default
context.instructions  false                      default
context.allow       unset                      default
history.enabled     true                       default
history.days        90                         default
inline              false                      default
logFile             ""                         default
logLevel            info                       default
the key             (not shown)                apiKeyCommand (pass)
`
	rows := strings.SplitAfter(got, "\n")
	for _, k := range keys() {
		isRow := func(row string) bool { return strings.HasPrefix(row, k.path+" ") }
		at := slices.IndexFunc(rows, isRow)
		if at < 0 {
			t.Errorf("%s has no row", k.path)
		} else if !slices.ContainsFunc(strings.SplitAfter(want, "\n"), isRow) {
			rows = slices.Delete(rows, at, at+1) // a new one
		}
	}
	if squeeze(strings.Join(rows, "")) != squeeze(want) {
		t.Errorf("got\n%s", got)
	}
	column := strings.Index(got, "FROM")
	for line := range strings.Lines(got) {
		if r := []rune(line); r[column-1] != ' ' || r[column] == ' ' {
			t.Errorf("%q is out of line", line)
		}
	}
}

// squeeze makes runs of spaces one.
func squeeze(s string) string {
	for strings.Contains(s, "  ") {
		s = strings.ReplaceAll(s, "  ", " ")
	}
	return s
}

// BenchmarkLoadUser is what every start pays for its settings: no file, one
// variable.
func BenchmarkLoadUser(b *testing.B) {
	env := variables{"XDG_CONFIG_HOME": b.TempDir(), "OPENAI_BASE_URL": "http://localhost:8080"}
	for b.Loop() {
		layers, _ := LoadUser(env.lookup)
		if s := Resolve(layers...); s.BaseURL == "" {
			b.Fatal("no base URL")
		}
	}
}

// BenchmarkLoadUserFirst includes the reflection that happens once.
func BenchmarkLoadUserFirst(b *testing.B) {
	for b.Loop() {
		appendKeys(make([]key, 0, 24), reflect.TypeFor[Options](), "", nil)
	}
}

// TestUserOnly pins the settings that a repository must not reach; baseUrl, which
// it may choose from what the user trusts, is access's TestEndpointIsBoundToItsOrigin,
// and endpoint chooses among what config.toml describes.
// Add to the list whatever chooses where keys come from, runs a program, writes
// a file or turns a protection off.
func TestUserOnly(t *testing.T) {
	var got []string
	for _, k := range keys() {
		if k.userOnly {
			got = append(got, k.path)
		}
	}
	if want := "api apiKeyEnv apiKeyCommand caFile headers plainHttp fallback context.instructions context.allow history.enabled history.days logFile"; strings.Join(got, " ") != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestTags holds the tags of Options to what this package makes of them: a check
// that nobody knows would let every value through.
func TestTags(t *testing.T) {
	checks := []string{"", "name", "url", "variable", "command", "path", "text", "line", "patterns", "headers", "endpoint", "endpoints"}
	variables := map[string]string{}
	for _, k := range keys() {
		if !slices.Contains(checks, k.check) {
			t.Errorf("%s has the unknown check %q", k.path, k.check)
		}
		if (k.kind == kindString || k.kind == kindStrings || k.kind == kindHeaders) != (k.check != "" || k.enum != nil) {
			t.Errorf("%s is a string without a check, or a check without a string", k.path)
		}
		if (k.kind == kindInt || k.kind == kindFloat || k.kind == kindDuration) != (k.max > k.min) {
			t.Errorf("%s has no range, or needs none", k.path)
		}
		if k.route && !k.userOnly && k.path != BaseURL && k.path != endpointName {
			t.Errorf("an editor may set %s, which decides where code goes", k.path)
		}
		if other := variables[k.variable]; other != "" {
			t.Errorf("%s holds %s and %s", k.variable, k.path, other)
		}
		if k.variable != "" {
			variables[k.variable] = k.path
		}
	}
}

// BenchmarkUnknownNames is the worst that a person or a repository can make of one
// message: as many unknown names as are looked at closely.
func BenchmarkUnknownNames(b *testing.B) {
	var raw strings.Builder
	raw.WriteString(`{"first":1`)
	for i := range maxLooked {
		fmt.Fprintf(&raw, `,"some.unknown.name%d":1`, i)
	}
	raw.WriteString("}")
	for b.Loop() {
		DecodeJSON(OriginInitialization, []byte(raw.String()))
	}
}
