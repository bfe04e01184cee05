package main

import (
	"fmt"
	"strings"

	"github.com/llmls/llmls/internal/lsp/settings"
)

// intro is the part of docs/settings.md that does not depend on Options.
const intro = `<!-- Generated from internal/lsp/settings/options.go by "make gen"; do not edit. -->

# Settings

llmls works without any. ` + "`llmls settings`" + ` shows every setting, its value and where it came from; ` + "`llmls settings --schema`" + ` prints their JSON Schema.

`

// sources tells where settings come from.
const sources = `## Where they come from

Later wins:

1. the defaults below;
2. ` + "`config.toml`" + ` in your configuration directory: ` + "`$XDG_CONFIG_HOME/llmls/`" + `, or else ` + "`~/.config/llmls/`" + ` on Linux, ` + "`~/Library/Application Support/llmls/`" + ` on macOS and ` + "`%AppData%\\llmls\\`" + ` on Windows;
3. environment variables;
4. what the editor sends: ` + "`initializationOptions`" + `, then its answer to ` + "`workspace/configuration`" + ` for the section ` + "`llmls`" + `, then ` + "`workspace/didChangeConfiguration`" + `.

An editor may send the settings bare or under ` + "`llmls`" + `, nested (` + "`{\"timeouts\": {\"idle\": 30}}`" + `) or by dotted names (` + "`{\"timeouts.idle\": 30}`" + `). An empty array counts as an empty object, and ` + "`null`" + ` sets nothing.

A setting that is unknown or has a value it cannot have does no harm to the others. It keeps its earlier value, and one message names it, what was expected, and the nearest name there is. There is one exception: if a base URL was refused and no other is set, nothing is sent, because the built-in endpoint is not the one that was meant.

`

// keyText tells how the key is found.
const keyText = `## The key

A key is never a setting. llmls takes it from

1. the output of ` + "`apiKeyCommand`" + `, if that is set;
2. the environment variable that ` + "`apiKeyEnv`" + ` names, if that is set;
3. what ` + "`llmls login`" + ` stored for the endpoint's origin: in the system's keyring, or with ` + "`--file`" + ` in a file of your state directory that only you can read.

Without a key none is sent, as local servers like it. What the command printed or the keyring told is remembered until an endpoint refuses the key.

A key is bound to an origin: scheme, host and port. It is sent where ` + "`config.toml`" + ` or ` + "`OPENAI_BASE_URL`" + ` lead, or to the built-in endpoint if they name none. An editor, and so a repository's settings, may choose among these origins. A server on this machine that only the editor names is used without the key. Before anything goes to another origin that only the editor names, you are asked; ` + "`llmls trust ORIGIN`" + ` answers beforehand, and for a server on this machine gives it the key. If the key comes from elsewhere later on, you are asked again. A stored key is sent to its own origin alone, whoever names that, and before any other key where only the editor does. An editor cannot set the settings that say so below.

`

// page is docs/settings.md.
func page(list []setting) string {
	var b strings.Builder
	b.WriteString(intro)
	b.WriteString(table(list, ""))
	b.WriteString("\n" + sources)
	b.WriteString(environment())
	b.WriteString(keyText)
	b.WriteString("## config.toml\n\nFor a relay, and with a password manager:\n\n```toml\n" + relay + "```\n\n")
	b.WriteString("Everything, with its default:\n\n```toml\n" + example(list) + "```\n\n## Each setting\n")
	for _, s := range list {
		fmt.Fprintf(&b, "\n### `%s`\n\n%s\n\n%s\n", s.path, s.doc, s.facts())
	}
	return b.String()
}

// table lists the settings with their defaults and the first sentence about
// each. The names link to page, "" for the page the table is on.
func table(list []setting, page string) string {
	var b strings.Builder
	b.WriteString("| setting | default | what it is |\n| --- | --- | --- |\n")
	for _, s := range list {
		fmt.Fprintf(&b, "| [`%s`](%s#%s) | %s | %s |\n", s.path, page, anchor(s.path), s.shownDefault(), firstSentence(s.doc))
	}
	return b.String()
}

func environment() string {
	var b strings.Builder
	b.WriteString("### Environment\n\n| variable | what it is |\n| --- | --- |\n")
	row := func(name, what string) { fmt.Fprintf(&b, "| `%s` | %s |\n", name, what) }
	row("OPENAI_API_KEY", "the key, unless `apiKeyEnv` names another variable")
	for _, v := range settings.Variables() {
		row(v.Name, fmt.Sprintf("the setting [`%s`](#%s)", v.Key, anchor(v.Key)))
	}
	row("XDG_CONFIG_HOME", "where `llmls/config.toml` is looked for")
	row("HTTPS_PROXY`, `NO_PROXY", "the proxy to reach the endpoint by, and the hosts to reach without it")
	row("XDG_STATE_HOME", "where `llmls/` is, in which llmls keeps its log, what you agreed to and keys in files")
	b.WriteString("\nA variable that is empty counts as not set.\n\n")
	return b.String()
}

// relay is the shortest useful config.toml.
const relay = `model = "qwen3-coder"
baseUrl = "https://relay.example.com/v1"
apiKeyCommand = ["pass", "show", "relay"]
`

// example is a config.toml that sets everything to its default. TOML wants the
// tables last.
func example(list []setting) string {
	var top, tables strings.Builder
	table := ""
	for _, s := range list {
		b, name := &top, s.path
		if group, leaf, ok := strings.Cut(s.path, "."); ok {
			if b, name = &tables, leaf; group != table {
				table = group
				fmt.Fprintf(&tables, "\n[%s]\n", group)
			}
		}
		if s.value == nil {
			fmt.Fprintf(b, "# %s is not set\n", name)
			continue
		}
		fmt.Fprintf(b, "%s = %s\n", name, s.literal())
	}
	return top.String() + tables.String()
}

// facts is one line about type, range and default.
func (s *setting) facts() string {
	what := map[string]string{
		"string": "A string", "strings": "An array of strings", "integer": "A whole number",
		"number": "A number", "boolean": "`true` or `false`", "duration": "A number of seconds",
	}[s.kind]
	switch {
	case s.enum != nil:
		what = "One of `" + strings.Join(s.enum, "`, `") + "`"
	case s.min != "":
		what += " from " + s.min + " to " + s.max
	}
	if s.kind == "duration" {
		what += ", or a string such as `\"90s\"`"
	}
	return what + ". Default: " + s.shownDefault() + "."
}

func (s *setting) shownDefault() string {
	if s.value == nil {
		return "not set"
	}
	return "`" + s.literal() + "`"
}

// anchor is the one that GitHub makes of a heading.
func anchor(path string) string { return strings.ReplaceAll(strings.ToLower(path), ".", "") }

func firstSentence(doc string) string {
	if first, _, ok := strings.Cut(doc, ". "); ok {
		doc = first
	}
	doc, _, _ = strings.Cut(doc, ": ")
	return strings.TrimSuffix(doc, ".")
}
