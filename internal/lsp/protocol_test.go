package lsp

import (
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/lsp/answer"
)

// docs/protocol.md is what others rely on; it must name what the code does,
// and nothing else.
func TestProtocolPage(t *testing.T) {
	raw, err := os.ReadFile("../../docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(raw)
	same := func(what string, got, want []string) {
		t.Helper()
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: the page has %q, the code %q", what, got, want)
		}
	}

	// The first column of the table that follows a line with that text.
	column := func(after string) []string {
		_, rest, ok := strings.Cut(page, after)
		if !ok {
			t.Fatalf("the page has no %q", after)
		}
		var cells []string
		for line := range strings.Lines(rest) {
			if cell, ok := strings.CutPrefix(line, "| `"); ok {
				name, _, _ := strings.Cut(cell, "`")
				cells = append(cells, name)
			} else if len(cells) > 0 {
				break
			}
		}
		return cells
	}
	same("commands", column("| command | argument |"), commandNames())
	same("kinds of error", column("| `kind` | means |"), strs(
		completion.Auth, completion.RateLimit, completion.NotFound, completion.BadRequest, completion.Server, completion.Network,
		completion.Timeout, completion.TLS, completion.NotAnAPI, completion.Config, completion.Blocked, completion.Busy))
	same("finish reasons", column("| `finishReason` | means |"), strs(
		completion.FinishStop, completion.FinishLength, completion.FinishContentFilter, completion.FinishUnknown, answer.FinishIncomplete))

	kinds := regexp.MustCompile("`((?:refactor|quickfix)\\.llmls\\.\\w+)`").FindAllStringSubmatch(page, -1)
	var named []string
	for _, k := range kinds {
		named = append(named, k[1])
	}
	same("kinds of code action", named, strs(actionKinds()...))

	// Every member of a command's argument, of a result and of what is in them
	// stands on the page.
	parts := []any{errorData{}}
	for _, c := range commands() {
		parts = append(append(parts, c.argument), c.results...)
	}
	for part := range structs(parts...) {
		for _, name := range memberNames(part) {
			if !regexp.MustCompile(`["{ ]` + name + `["?,} ]`).MatchString(page) {
				t.Errorf("%v has %q, which is not on the page", part, name)
			}
		}
	}
}

// structs returns the types of values and of the structs of ours in them.
func structs(values ...any) map[reflect.Type]bool {
	found := make(map[reflect.Type]bool)
	var add func(reflect.Type)
	add = func(t reflect.Type) {
		switch t.Kind() {
		case reflect.Pointer, reflect.Slice:
			add(t.Elem())
		case reflect.Struct:
			if found[t] || !strings.HasPrefix(t.PkgPath(), "github.com/llmls/") && t.NumField() > 0 {
				return
			}
			found[t] = true
			for _, field := range reflect.VisibleFields(t) {
				if field.Tag.Get("json") != "-" {
					add(field.Type)
				}
			}
		}
	}
	for _, v := range values {
		add(reflect.TypeOf(v))
	}
	return found
}

func strs[S ~string](list ...S) []string {
	var out []string
	for _, s := range list {
		out = append(out, string(s))
	}
	return out
}
