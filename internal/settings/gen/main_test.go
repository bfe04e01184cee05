package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/llmls/llmls/internal/settings"
)

func TestFilesAreUpToDate(t *testing.T) {
	root, err := moduleRoot()
	if err != nil {
		t.Fatal(err)
	}
	files, err := outputs(root)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range files {
		got, err := os.ReadFile(filepath.Join(root, path))
		if err != nil {
			t.Error(err)
			continue
		}
		if diff := cmp.Diff(want, string(got)); diff != "" {
			t.Errorf("%s is out of date; run \"make gen\" (-want +got):\n%s", path, diff)
		}
	}
}

func list(t *testing.T) []setting {
	t.Helper()
	root, err := moduleRoot()
	if err != nil {
		t.Fatal(err)
	}
	list, err := read(filepath.Join(root, "internal/settings/options.go"))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// TestExample checks that the config.toml of the documentation is one, sets
// everything that has a default, and changes nothing.
func TestExample(t *testing.T) {
	for _, text := range []string{example(list(t)), relay, several} {
		layer, problems := settings.DecodeTOML("config.toml", []byte(text))
		if len(problems) > 0 {
			t.Error(settings.Sentence(problems))
		}
		s := settings.Resolve(layer)
		for _, one := range list(t) {
			if text == example(list(t)) && one.value != nil && s.Origin(one.path) != settings.OriginFile {
				t.Errorf("the example does not set %s", one.path)
			}
		}
		if want := settings.Default(); text == example(list(t)) {
			want.APIKeyCommand, want.Context.Allow, want.Fallback, want.Headers = []string{}, []string{}, []string{}, map[string]string{}
			if diff := cmp.Diff(want, s.Options); diff != "" {
				t.Errorf("the example changes something (-default +example):\n%s", diff)
			}
		}
	}
}

// TestDocs checks what only the comments of Options can say.
func TestDocs(t *testing.T) {
	for _, s := range list(t) {
		if says := strings.Contains(s.doc, "An editor cannot set this."); says != (s.scope == "user") {
			t.Errorf("whether an editor may set %s: the comment and the scope disagree", s.path)
		}
		if !strings.HasSuffix(s.doc, ".") {
			t.Errorf("the comment of %s does not end in a sentence", s.path)
		}
	}
}

func TestSchema(t *testing.T) {
	var root schema
	if err := json.Unmarshal([]byte(settings.Schema()), &root); err != nil {
		t.Fatal(err)
	}
	for _, s := range list(t) {
		at, name := &root, s.path
		if group, leaf, ok := strings.Cut(s.path, "."); ok {
			at, name = root.Properties[group], leaf
		}
		p := at.Properties[name]
		if p == nil || p.Description != s.doc || at.Additional != any(false) {
			t.Errorf("%s is not in the schema as it should be", s.path)
		}
		if each, ok := root.Properties["endpoints"].Additional.(map[string]any); !ok || (each["properties"].(map[string]any)[s.path] != nil) != s.ofEach {
			t.Errorf("%s is not in the schema of endpoints as it should be", s.path)
		}
	}
}

func TestReplaceBetween(t *testing.T) {
	tests := []struct {
		text, want string
		ok         bool
	}{
		{"a<b>old<e>c", "a<b>\nnew\n<e>c", true},
		{"a<b><e>", "a<b>\nnew\n<e>", true},
		{"a<b>", "", false},
		{"", "", false},
	}
	for _, test := range tests {
		got, ok := replaceBetween(test.text, "<b>", "<e>", "new\n")
		if ok != test.ok || ok && got != test.want {
			t.Errorf("%q becomes %q, %v", test.text, got, ok)
		}
	}
}

// TestVSCode checks that a workspace cannot say where code and key go, and that
// each setting it may set is one.
func TestVSCode(t *testing.T) {
	for _, s := range list(t) {
		if s.scope == "window" && (s.path == "baseUrl" || s.path == "logLevel" || strings.Contains(s.doc, "An editor cannot set this.")) {
			t.Errorf("a workspace may set %s", s.path)
		}
		if scope := s.vscode(0, nil).Scope; scope != s.scope {
			t.Errorf("%s has the scope %s", s.path, scope)
		}
	}
	for name, s := range vscodeOwn() {
		if s.Scope != "machine" {
			t.Errorf("a workspace may set %s, which is about how the server starts", name)
		}
	}
}

func TestReplaceValue(t *testing.T) {
	const text = `{"a": [1], "b": { "c": {"d": 0}, "e": "/b/c" }}`
	got, err := replaceValue(text, "/b/c", []string{"x"})
	if want := "{\"a\": [1], \"b\": { \"c\": [\n      \"x\"\n    ], \"e\": \"/b/c\" }}"; err != nil || got != want {
		t.Errorf("%s, %v; want %s", got, err, want)
	}
	if got, err := replaceValue(text, "/b/f", 1); err == nil {
		t.Errorf("a member that is not there became %s", got)
	}
}
