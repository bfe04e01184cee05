package faults

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// bombSize is the size of most of the messages of TestBombsFromTheEditor, a
// fourth of the longest.
const bombSize = 8 << 20

// commas returns one, again and again, bombSize long.
func commas(one string) string {
	return strings.Repeat(one+",", bombSize/(len(one)+1)) + one
}

// numbered is commas for what holds a number.
func numbered(format string) string {
	var b strings.Builder
	for i := 0; b.Len() < bombSize; i++ {
		fmt.Fprintf(&b, format+",", i)
	}
	return strings.TrimSuffix(b.String(), ",")
}

func nested(open, inside, end string, depth int) string {
	return strings.Repeat(open, depth) + inside + strings.Repeat(end, depth)
}

// An editor may send anything by mistake, in absurd quantities. None of it takes much
// memory or blocks the wire loop: that is measured in processor time, which is some
// tenths of a second, and would be minutes for some of them without the limits.
func TestBombsFromTheEditor(t *testing.T) {
	t.Parallel()
	const (
		span    = `"range":{"start":{"line":0,"character":0},"end":{"line":0,"character":3}}`
		problem = `{` + span + `,"message":"a"}`
		at      = `"textDocument":{"uri":"` + uri + `"},` + span
		action  = "textDocument/codeAction"
		command = "workspace/executeCommand"
		change  = "textDocument/didChange"
		config  = "workspace/didChangeConfiguration"
		folders = "workspace/didChangeWorkspaceFolders"
	)
	diagnostics := func(list string) string { return `{` + at + `,"context":{"diagnostics":[` + list + `]}}` }
	with := func(member string) string { return diagnostics(`{` + span + `,"message":"a",` + member + `}`) }
	argument := func(list string) string { return `{"command":"llmls.explain","arguments":[` + list + `]}` }
	changes := func(list string) string {
		return `{"textDocument":{"uri":"` + uri + `","version":2},"contentChanges":[` + list + `]}`
	}
	settings := func(value string) string { return `{"settings":` + value + `}` }
	x := strings.Repeat("x", 31<<20)
	for _, bomb := range []struct {
		name, method string
		params       func() string
	}{
		{"nesting without an end", action, func() string { return strings.Repeat(`[`, bombSize) }},
		{"nesting", action, func() string { return `{"a":` + nested("[", "", "]", bombSize/2) + `}` }},
		{"nested objects", change, func() string { return nested(`{"a":`, "1", "}", bombSize/6) }},
		{"nested settings", config, func() string { return settings(nested(`{"llmls":`, "1", "}", 9000)) }},
		{"nested lists of settings", config, func() string { return settings(`{"a":` + nested(`[{"b":1},`, "1", "]", 9000) + `}`) }},
		{"a nested argument", command, func() string { return argument(nested(`{"uri":`, "1", "}", 9000)) }},
		{"empty problems", action, func() string { return diagnostics(commas(`{}`)) }},
		{"problems of null", action, func() string { return diagnostics(commas(`null`)) }},
		{"good problems", action, func() string { return diagnostics(commas(problem)) }},
		{"large problems", action, func() string {
			return diagnostics(strings.Repeat(strings.Replace(problem, `"a"`, `"`+x[:megabyte]+`"`, 1)+",", 30) + problem)
		}},
		{"one large problem", action, func() string { return diagnostics(strings.Replace(problem, "a", x, 1)) }},
		{"what is related to a problem", action, func() string { return with(`"relatedInformation":[` + commas(`{}`) + `]`) }},
		{"tags of a problem", action, func() string { return with(`"tags":[` + commas(`1`) + `]`) }},
		{"data of a problem", action, func() string { return with(`"data":[` + commas(`{}`) + `]`) }},
		{"members of data", action, func() string { return with(`"data":{` + numbered(`"a%d":1`) + `}`) }},
		{"lists of problems", action, func() string { return `{` + commas(`"context":{"diagnostics":[{},{},{},{}]}`) + `,` + at + `}` }},
		{"kinds", action, func() string { return `{` + at + `,"context":{"only":[` + commas(`""`) + `]}}` }},
		{"a long name", action, func() string { return strings.Replace(diagnostics(""), uri, "file:///"+x, 1) }},
		{"an escaped name", action, func() string {
			return strings.Replace(diagnostics(""), uri, "file:///"+strings.Repeat("%20", 10<<20), 1)
		}},
		{"arguments", command, func() string { return argument(commas(`1`)) }},
		{"empty arguments", command, func() string { return argument(commas(`{}`)) }},
		{"members of an argument", command, func() string { return argument(`{` + numbered(`"a%d":1`) + `}`) }},
		{"what is related to a problem in an argument", command, func() string {
			return argument(`{"uri":"` + uri + `",` + span + `,"diagnostic":{` + span + `,"message":"a","relatedInformation":[` + commas(`{}`) + `]}}`)
		}},
		{"a long member", command, func() string { return argument(`{"` + x + `":1}`) }},
		{"a long question", command, func() string { return `{"command":"llmls.ask","arguments":["` + x + `"]}` }},
		{"a long file name", command, func() string { return argument(`{"uri":"file:///` + x + `",` + span + `}`) }},
		{"a token that is a list", command, func() string {
			return argument(`{"uri":"` + uri + `",` + span + `,"partialResultToken":[` + commas(`1`) + `]}`)
		}},
		{"changes that are none", change, func() string { return changes(commas(`0`)) }},
		{"changes of null", change, func() string { return changes(commas(`null`)) }},
		{"changes that are lists", change, func() string { return changes(commas(`[]`)) }},
		{"small changes", change, func() string { return changes(commas(`{` + span + `,"text":"#"}`)) }},
		{"empty texts", change, func() string { return changes(commas(`{"text":""}`)) }},
		{"lists of changes", change, func() string {
			return `{"textDocument":{"uri":"` + uri + `","version":2},` + commas(`"contentChanges":[{"text":""},0]`) + `}`
		}},
		{"settings", config, func() string { return settings(`{` + numbered(`"setting%d":{"a":[1]}`) + `}`) }},
		{"settings of llmls", config, func() string { return settings(`{"llmls":{` + numbered(`"model%d":1`) + `}}`) }},
		{"a list for a setting", config, func() string { return settings(`{"model":[` + strings.Repeat(commas(`1`)+",", 3) + `1]}`) }},
		{"one setting", config, func() string { return settings(`{` + commas(`"model":"a"`) + `}`) }},
		{"a long setting", config, func() string { return settings(`{"` + x + `":1}`) }},
		{"a long setting of llmls", config, func() string { return settings(`{"llmls":{"` + x + `":{"a":1,"b":2}}}`) }},
		{"folders", folders, func() string {
			return `{"event":{"removed":[],"added":[` + numbered(`{"uri":"file:///p/%d","name":"p"}`) + `]}}`
		}},
		{"folders of nothing", folders, func() string { return `{"event":{"removed":[` + commas(`{}`) + `],"added":[` + commas(`{}`) + `]}}` }},
		{"what to cancel", "$/cancelRequest", func() string { return `{"id":[` + commas(`1`) + `]}` }},
		{"progress to cancel", "window/workDoneProgress/cancel", func() string { return `{"token":{` + numbered(`"a%d":1`) + `}}` }},
		{"lenses", "textDocument/codeLens", func() string { return `{` + at + `,"workDoneToken":[` + commas(`1`) + `]}` }},
		{"an unknown request", "nope", func() string { return `[` + commas(`1`) + `]` }},
	} {
		t.Run(bomb.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, llmls.Home(t, "http://127.0.0.1:1", "")).ready()
			params := bomb.params()
			s.Must(s.Send(`{"jsonrpc":"2.0","id":"bomb","method":%q,"params":%s}`, bomb.method, params))
			s.Must(s.Send(`{"jsonrpc":"2.0","method":%q,"params":%s}`, bomb.method, params))
			s.Open(uri, "python", document) // or it is not trusted after some of them
			s.stillWorks()
			if bomb.method == config { // its names are copied
				s.peakBelow(memoryLimit)
			} else {
				s.peakBelow(120) // a list that is built of them all takes 130
			}
			s.workedBelow(2 * time.Second)
		})
	}
}
