package lsp

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.lsp.dev/protocol"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/lsp/answer"
)

//go:generate go test . -run ^TestTypesOfTheExtension$ -update-types

var updateTypes = flag.Bool("update-types", false, "write what of editors/vscode/src/protocol.ts is derived")

// The extension for VS Code knows commands by types that are derived from the
// structs of ours.
func TestTypesOfTheExtension(t *testing.T) {
	const path, begin, end = "../../editors/vscode/src/protocol.ts", "// begin of what make gen derives from internal/lsp/command.go\n", "// end of what make gen derives\n"
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, _ := strings.Cut(string(raw), begin)
	_, after, ok := strings.Cut(rest, end)
	if !ok {
		t.Fatalf("%s lacks the lines between which types are derived", path)
	}
	want := before + begin + typesOf() + end + after
	if *updateTypes {
		if err := os.WriteFile(path, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
	} else if diff := cmp.Diff(want, string(raw)); diff != "" {
		t.Errorf("%s is out of date; run \"make gen\" (-want +got):\n%s", path, diff)
	}
}

// typesOf returns the arguments and results of commands in TypeScript, each type
// by a name for readers.
func typesOf() string {
	var values []any
	for _, c := range commands() {
		values = append(append(values, c.argument), c.results...)
	}
	types := slices.SortedFunc(maps.Keys(structs(values...)), func(a, b reflect.Type) int {
		return strings.Compare(typeName(a), typeName(b))
	})
	var b strings.Builder
	for _, t := range types {
		if t.NumField() == 0 {
			continue
		}
		fmt.Fprintf(&b, "\nexport interface %s {\n", typeName(t))
		for _, field := range reflect.VisibleFields(t) {
			name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
			if name == "-" {
				continue
			}
			if options != "" {
				name += "?"
			}
			fmt.Fprintf(&b, "  %s: %s;\n", name, typeScript(field.Type, options == ""))
		}
		b.WriteString("}\n")
	}
	return b.String() + "\n"
}

// typeScript returns the type in TypeScript of what t is in JSON.
func typeScript(t reflect.Type, always bool) string {
	switch {
	case t == reflect.TypeFor[protocol.Range]():
		return "Range"
	case t == reflect.TypeFor[protocol.ProgressToken]():
		return "number | string"
	case t == reflect.TypeFor[completion.FinishReason]():
		return "FinishReason"
	case t == reflect.TypeFor[protocol.Diagnostic]():
		return "unknown"
	}
	switch t.Kind() {
	case reflect.Pointer:
		inner := typeScript(t.Elem(), true)
		if always {
			return inner + " | null"
		}
		return inner
	case reflect.Slice:
		return typeScript(t.Elem(), true) + "[]"
	case reflect.Struct:
		return typeName(t)
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "boolean"
	case reflect.Int, reflect.Int32, reflect.Int64:
		return "number"
	default:
		panic("no type in TypeScript for " + t.String())
	}
}

func typeName(t reflect.Type) string {
	switch t {
	case reflect.TypeFor[queryArgs]():
		return "Query"
	case reflect.TypeFor[answer.Summary]():
		return "AnswerInfo"
	case reflect.TypeFor[statusResult]():
		return "ServerStatus"
	case reflect.TypeFor[dryRunResult]():
		return "DryRun"
	case reflect.TypeFor[modelsResult]():
		return "Models"
	}
	return strings.ToUpper(t.Name()[:1]) + t.Name()[1:]
}

// lsp-mode sends a command to every server of the buffer, but for those that what
// `llmls setup lsp-mode` writes names.
func TestLSPModeKnowsTheCommandsOfActions(t *testing.T) {
	raw, err := os.ReadFile("../setup/files/lsp-mode.el")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range commands() {
		if named := strings.Contains(string(raw), `"`+c.name+`"`); len(c.kinds) > 0 && !named {
			t.Errorf("lsp-mode.el does not name %s, which code actions call", c.name)
		}
	}
}
