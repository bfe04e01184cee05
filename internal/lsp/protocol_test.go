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
	same("kinds of code action", named, strs(kindExplain, kindAsk, kindProblem, kindStop, kindSend, kindShow, kindDismiss))

	// Every member of a command's argument and of a result stands on the page.
	for _, v := range []any{queryArgs{}, stopArgs{}, answersArgs{}, dismissArgs{}, answer.Result{}, answer.Usage{}, answer.Timing{}, answer.Summary{}, dryRunResult{}, answer.LeftOut{}, errorData{}, started{}, modelsResult{}} {
		for _, name := range memberNames(reflect.TypeOf(v)) {
			if !regexp.MustCompile(`["{ ]` + name + `["?,} ]`).MatchString(page) {
				t.Errorf("%T has %q, which is not on the page", v, name)
			}
		}
	}
}

func strs[S ~string](list ...S) []string {
	var out []string
	for _, s := range list {
		out = append(out, string(s))
	}
	return out
}
