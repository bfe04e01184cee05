package settings

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
)

const canary = "sk-canary7f3a91c2"

// changed returns Default with one thing done to it.
func changed(change func(*Options)) Options {
	o := Default()
	change(&o)
	return o
}

func TestDecodeJSON(t *testing.T) {
	idle := changed(func(o *Options) { o.Timeouts.Idle = 30 * time.Second })
	model := changed(func(o *Options) { o.Model = "m" })
	tests := []struct {
		name     string
		origin   Origin // OriginInitialization if it is 0
		raw      string
		want     Options
		problems []string
		stops    []string // what has nothing sent
	}{
		{name: "nothing", raw: "", want: Default()},
		{name: "null", raw: "null", want: Default()},
		{name: "empty object", raw: "{}", want: Default()},
		{name: "Lua's empty object", raw: "[]", want: Default()},
		{name: "bare", raw: `{"model":"m"}`, want: model},
		{name: "section", raw: `{"llmls":{"model":"m"}}`, want: model},
		{name: "dotted section", raw: `{"llmls.model":"m"}`, want: model},
		{name: "section wins over bare", raw: `{"llmls":{"model":"m"},"model":"n"}`, want: model},
		{name: "later wins", raw: `{"model":"n","model":"m"}`, want: model},
		{name: "nested", raw: `{"timeouts":{"idle":30}}`, want: idle},
		{name: "dotted", raw: `{"timeouts.idle":30}`, want: idle},
		{name: "dotted in section", raw: `{"llmls":{"timeouts.idle":30}}`, want: idle},
		{name: "all dotted", raw: `{"llmls.timeouts.idle":30}`, want: idle},
		{name: "nested under dotted", raw: `{"llmls.timeouts":{"idle":30}}`, want: idle},
		{name: "Lua's empty group", raw: `{"timeouts":[],"llmls":[],"model":"m"}`, want: model},
		{name: "null leaf and group", raw: `{"temperature":null,"timeouts":null,"model":"m"}`, want: model},
		{name: "answer", origin: OriginConfiguration, raw: `[{"model":"m"}]`, want: model},
		{name: "answer of null", origin: OriginConfiguration, raw: `[null]`, want: Default()},
		{name: "answer without its array", origin: OriginConfiguration, raw: `{"model":"m"}`, want: model},
		{
			name: "every kind", raw: `{"retries":0,"temperature":0,"maxOutputTokens":5e2,"context":{"maxTokens":999},
				"timeouts":{"firstByte":"1h","idle":0.25},"logLevel":"DEBUG","language":"日本語","systemPrompt":"a\nb"}`,
			want: changed(func(o *Options) {
				o.Retries, o.Temperature, o.MaxOutputTokens, o.Context.MaxTokens = 0, new(float64), 500, 999
				o.Timeouts = Timeouts{FirstByte: time.Hour, Idle: 250 * time.Millisecond}
				o.LogLevel, o.Language, o.SystemPrompt = "debug", "日本語", "a\nb"
			}),
		},
		{
			name: "bad types lose nothing else",
			raw:  `{"model":7,"retries":"two","temperature":true,"timeouts":5,"context":{"maxTokens":{}},"language":["x"],"maxOutputTokens":9}`,
			want: changed(func(o *Options) { o.MaxOutputTokens = 9 }),
			problems: []string{
				"model (initializationOptions): expected a string of one line, not empty, found a number; it keeps its earlier value",
				"retries (initializationOptions): expected a whole number from 0 to 10, found a string; it keeps its earlier value",
				"temperature (initializationOptions): expected a number from 0 to 2, found a boolean; it keeps its earlier value",
				"timeouts (initializationOptions): expected an object of settings, found a number; nothing in it counts",
				"context.maxTokens (initializationOptions): expected a whole number from 100 to 10000000, found an object; it keeps its earlier value",
				"language (initializationOptions): expected a string of one line, found an array; it keeps its earlier value",
			},
		},
		{
			name: "bad values lose nothing else",
			raw: `{"model":" ","retries":11,"maxOutputTokens":1.5,"temperature":1e999,"timeouts":{"firstByte":"90","idle":0},
				"logLevel":"loud","language":"a\nb","systemPrompt":"\u0000","context":{"maxTokens":1000}}`,
			want: changed(func(o *Options) { o.Context.MaxTokens = 1000 }),
			problems: []string{
				"model (initializationOptions): expected a string of one line, not empty, found another string; it keeps its earlier value",
				"retries (initializationOptions): expected a whole number from 0 to 10, found another number; it keeps its earlier value",
				"maxOutputTokens (initializationOptions): expected a whole number from 0 to 10000000, found another number; it keeps its earlier value",
				"temperature (initializationOptions): expected a number from 0 to 2, found another number; it keeps its earlier value",
				`timeouts.firstByte (initializationOptions): expected seconds from 0.001 to 86400 or a string such as "2m", found another string; it keeps its earlier value`,
				`timeouts.idle (initializationOptions): expected seconds from 0.001 to 86400 or a string such as "2m", found another number; it keeps its earlier value`,
				"logLevel (initializationOptions): expected one of error, warn, info, debug, found another string; it keeps its earlier value",
				"language (initializationOptions): expected a string of one line, found another string; it keeps its earlier value",
				"systemPrompt (initializationOptions): expected a string without control characters, found another string; it keeps its earlier value",
			},
		},
		{
			name: "unknown names",
			raw:  `{"modell":"x","base_URL":"x","timeouts":{"idel":1},"timeout":{"idle":2},"maxTokens":5,"zebra":{"a":1},"model":"m"}`,
			want: model,
			problems: []string{
				"modell (initializationOptions): there is no such setting; did you mean model?",
				"timeouts.idel (initializationOptions): there is no such setting; did you mean timeouts.idle?",
				"timeout.idle (initializationOptions): there is no such setting; did you mean timeouts.idle?",
				"maxTokens (initializationOptions): there is no such setting; did you mean context.maxTokens?",
				"zebra (initializationOptions): there is no such setting; see docs/settings.md for those there are",
			},
			stops: []string{"base_URL (initializationOptions): there is no such setting; did you mean baseUrl?"},
		},
		{
			name: "a key", raw: `{"apiKey":"` + canary + `","llmls":{"openai":{"api_key":"` + canary + `"},"token":"` + canary + `"},"` + canary + `":1}`,
			want:     Default(),
			problems: []string{"a name of 17 bytes (initializationOptions): there is no such setting; see docs/settings.md for those there are"},
			stops: []string{
				"apiKey (initializationOptions): " + detailKeyIsNoSetting,
				"openai.api_key (initializationOptions): " + detailKeyIsNoSetting,
				"token (initializationOptions): " + detailKeyIsNoSetting,
			},
		},
		{
			name: "a base URL that leads nowhere", raw: `{"baseUrl":"https://user:` + canary + `@x"}`, want: Default(),
			stops: []string{
				"baseUrl (initializationOptions): expected a string, the address of an endpoint, but it holds a user name or password",
			},
		},
		{
			name: "only the user may set", raw: `{"apiKeyEnv":"AWS_SECRET","apiKeyCommand":["` + canary + `"],"logFile":"/etc/x"}`, want: Default(),
			problems: []string{
				"apiKeyEnv (initializationOptions): " + detailUserOnly,
				"apiKeyCommand (initializationOptions): " + detailUserOnly,
				"logFile (initializationOptions): " + detailUserOnly,
			},
		},
		{name: "untouched settings of VS Code", raw: `{"apiKeyEnv":"OPENAI_API_KEY","apiKeyCommand":[],"logFile":""}`, want: Default()},
		{
			name: "other servers' sections", origin: OriginDidChange, raw: `{"gopls":{"staticcheck":true},"llmls":{"model":"m"}}`, want: model,
		},
		{name: "only other servers' sections", origin: OriginDidChange, raw: `{"gopls":{"staticcheck":true}}`, want: Default()},
		{
			name: "no JSON", raw: `{"model":"m"`, want: Default(),
			stops: []string{"initializationOptions: " + detailNotJSON},
		},
		{
			name: "more than one value", raw: `{"model":"m"} {}`, want: Default(),
			stops: []string{"initializationOptions: " + detailNotJSON},
		},
		{
			name: "no object", raw: `"model"`, want: Default(),
			stops: []string{"initializationOptions: expected an object of settings, found a string; nothing in it counts"},
		},
		{
			name: "section is no object", raw: `{"llmls":1,"model":"m"}`, want: model,
			stops: []string{"llmls (initializationOptions): expected an object of settings, found a number; nothing in it counts"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			origin := test.origin
			if origin == OriginDefault {
				origin = OriginInitialization
			}
			layer, problems := DecodeJSON(origin, []byte(test.raw))
			if diff := cmp.Diff(test.want, Resolve(layer).Options); diff != "" {
				t.Errorf("options (-want +got):\n%s", diff)
			}
			checkProblems(t, problems, test.problems)
			checkProblems(t, layer.stops, test.stops)
		})
	}
}

func checkProblems(t *testing.T, problems []Problem, want []string) {
	t.Helper()
	var got []string
	for _, p := range problems {
		got = append(got, p.String())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	checkNoCanary(t, Sentence(problems))
}

func checkNoCanary(t *testing.T, text string) {
	t.Helper()
	if strings.Contains(text, "canary") {
		t.Errorf("the secret appears in %q", text)
	}
}

func TestDecodeTOML(t *testing.T) {
	const path = "/c/config.toml"
	log := filepath.Join(t.TempDir(), "l")
	tests := []struct {
		name, data string
		want       Options
		problems   []string
		stops      []string // what has nothing sent
	}{
		{name: "empty", want: Default()},
		{
			name: "all that only the user sets",
			data: "\ufeffapiKeyEnv = \"MY_KEY\"\napiKeyCommand = [\"pass\", \"show\"]\nlogFile = '" + log + "'\ntimeouts.idle = 1.5\n[context]\nmaxTokens = 200\n",
			want: changed(func(o *Options) {
				o.APIKeyEnv, o.APIKeyCommand, o.LogFile = "MY_KEY", []string{"pass", "show"}, log
				o.Timeouts.Idle, o.Context.MaxTokens = 1500*time.Millisecond, 200
			}),
		},
		{
			name: "bad values",
			data: "model = 1979-05-27\ntemperature = nan\nretries = 1\napiKeyEnv = \"" + canary + "\"\napiKeyCommand = [\"./get\", \"" + canary + "\"]\nlogFile = \"log\"\napi-key = \"" + canary + "\"\n",
			want: changed(func(o *Options) { o.Retries = 1 }),
			stops: []string{
				"api-key (" + path + "): " + detailKeyIsNoSetting,
				"apiKeyCommand (" + path + "): expected an array of strings, a program (its name or absolute path) and its arguments, found another array",
				"apiKeyEnv (" + path + "): expected a string, the name of an environment variable (never the key itself), found another string",
			},
			problems: []string{
				"logFile (" + path + "): expected a string, an absolute path, found another string; it keeps its earlier value",
				"model (" + path + "): expected a string of one line, not empty, found a date or time; it keeps its earlier value",
				"temperature (" + path + "): expected a number from 0 to 2, found another number; it keeps its earlier value",
			},
		},
		{
			name: "a key that could be a variable's name",
			data: `apiKeyEnv = "gsk_Zk3Canary9QwErTyUiOpAsDfGh"`, want: Default(),
			stops: []string{
				"apiKeyEnv (" + path + "): expected a string, the name of an environment variable (never the key itself), found another string",
			},
		},
		{
			name: "no TOML", data: "model = \"m\"\nretries = " + canary + "\n", want: Default(),
			stops: []string{path + ": line 2, column 11 is not TOML, so nothing in the file counts; correct it there"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			layer, problems := DecodeTOML(path, []byte(test.data))
			if diff := cmp.Diff(test.want, Resolve(layer).Options); diff != "" {
				t.Errorf("options (-want +got):\n%s", diff)
			}
			checkProblems(t, problems, test.problems)
			checkProblems(t, layer.stops, test.stops)
		})
	}
}

func TestSentence(t *testing.T) {
	if got := Sentence(nil); got != "" {
		t.Errorf("no problems make %q", got)
	}
	raw := `{"modell":1,"modell":2` + strings.Repeat(`,"zebra":1`, 3)
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		raw += `,"` + strings.Repeat(name, 20) + `":1`
	}
	_, problems := DecodeJSON(OriginInitialization, []byte(raw+"}"))
	got := Sentence(problems)
	if !strings.HasPrefix(got, "Correct your settings: modell (initializationOptions): there is no such setting; did you mean model? zebra") ||
		!strings.HasSuffix(got, ". And 2 more.") || strings.Count(got, "modell") != 1 || strings.ContainsRune(got, '\n') {
		t.Errorf("got %q", got)
	}
}

// TestProblemsAreBounded keeps a message of nothing but unknown names from
// filling the memory.
func TestProblemsAreBounded(t *testing.T) {
	raw := `{"a":1` + strings.Repeat(`,"b":{"c":1}`, 10_000) + `}`
	if _, problems := DecodeJSON(OriginInitialization, []byte(raw)); len(problems) != maxReported {
		t.Errorf("got %d problems, want %d", len(problems), maxReported)
	}
}

func FuzzDecodeJSON(f *testing.F) {
	f.Add("zebra", `{"model":[]}`)
	f.Add("timeouts", `{"idle":1e999}`)
	f.Add("apiKey", `"x"`)
	f.Add("retries", `[[],{"a":{"b":null}}]`)
	f.Fuzz(func(t *testing.T, name, value string) {
		for origin := OriginInitialization; origin <= OriginDidChange; origin++ {
			DecodeJSON(origin, []byte(value))
		}
		quoted, err := jsontext.AppendQuote(nil, name)
		if err != nil || name == section || strings.HasPrefix(name, section+".") || !jsontext.Value(value).IsValid() {
			return
		}
		raw := `{` + string(quoted) + `:` + value + `,"retries":7,"model":"good"}`
		layer, _ := DecodeJSON(OriginInitialization, []byte(raw))
		if s := Resolve(layer); s.Model != "good" || s.Retries != 7 {
			t.Errorf("good settings are lost in %s: %q, %d", raw, s.Model, s.Retries)
		}
		_, problems := DecodeJSON(OriginInitialization, []byte(`{`+string(quoted)+`:"`+canary+`"}`))
		for _, p := range problems {
			if text := p.String(); strings.Contains(text, canary) && !strings.Contains(name, canary) {
				t.Errorf("the value appears in %q", text)
			}
		}
	})
}

func FuzzDecodeTOML(f *testing.F) {
	f.Add("retries = 3\n[timeouts]\nidle = \"2m\"")
	f.Add("zebra = 1979-05-27T07:32:00Z\n[[context]]\nmaxTokens = 0x10")
	f.Add("retries = ")
	f.Fuzz(func(t *testing.T, text string) {
		layer, _ := DecodeTOML("config.toml", []byte("model = \"good\"\n"+text))
		if s := Resolve(layer); !layer.unread && s.Model != "good" && !strings.Contains(text, section) && !strings.Contains(text, endpointName) {
			t.Errorf("a good setting is lost beside %q", text)
		}
		layer, problems := DecodeTOML("config.toml", []byte(text+"\nmodel = [\""+canary+"\"]\nx="+canary))
		checkNoCanaryIn(t, text, append(problems, layer.stops...))
	})
}

func checkNoCanaryIn(t *testing.T, input string, problems []Problem) {
	t.Helper()
	if !strings.Contains(input, "canary") {
		checkNoCanary(t, Sentence(problems))
	}
}
