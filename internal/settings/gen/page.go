package main

import (
	"fmt"
	"strings"

	"github.com/llmls/llmls/internal/settings"
)

// intro is the part of docs/settings.md that does not depend on Options.
const intro = `<!-- Generated from internal/settings/options.go by "make gen"; do not edit. -->

# Settings

llmls works without any. ` + "`llmls settings`" + ` shows every setting, its value and where it came from; ` + "`llmls settings --schema`" + ` prints their JSON Schema.

`

// sources is the section about where settings come from.
const sources = `## Where they come from

Later wins:

1. the defaults below;
2. ` + "`config.toml`" + ` in your configuration directory: ` + "`$XDG_CONFIG_HOME/llmls/`" + `, or else ` + "`~/.config/llmls/`" + ` on Linux, ` + "`~/Library/Application Support/llmls/`" + ` on macOS and ` + "`%AppData%\\llmls\\`" + ` on Windows;
3. environment variables;
4. what the editor sends: ` + "`initializationOptions`" + `, then its answer to ` + "`workspace/configuration`" + ` for the section ` + "`llmls`" + `, then ` + "`workspace/didChangeConfiguration`" + `.

An editor may send the settings bare or under ` + "`llmls`" + `, nested (` + "`{\"timeouts\": {\"idle\": 30}}`" + `) or by dotted names (` + "`{\"timeouts.idle\": 30}`" + `). An empty array counts as an empty object, and ` + "`null`" + ` sets nothing.

An unknown setting, or one with an unusable value, does not affect the others. It keeps its earlier value, and one message names it, what was expected, and the nearest name that exists. Some settings decide where your code goes, with which key or which header: ` + "`baseUrl`, `endpoint`, `fallback`, `api`, `apiKeyEnv`, `apiKeyCommand`, `headers` and `caFile`" + `, and everything in the table of an endpoint. If one of these has an unusable value, or an unknown setting may be meant for one of them, nothing is sent until that is corrected, whoever set it: because its name comes close to one, is what other programs call an endpoint, its key, header fields or certificates (` + "`host`, `server`, `apiUrl`" + `), or is a host itself, or because its value is the address of one. The same holds for a ` + "`config.toml`" + ` that exists and cannot be read, unless the environment names the endpoint. Write a Windows path in single quotes: ` + "`'C:\\Users\\me\\ca.pem'`" + `. The file may be in UTF-8, or in UTF-16 with a byte-order mark.

`

// keyText is the section about how the key is found.
const keyText = `## The key

A key is never a setting. llmls takes it from

1. the output of ` + "`apiKeyCommand`" + `, if that is set;
2. the environment variable that ` + "`apiKeyEnv`" + ` names, if that is set;
3. what ` + "`llmls login`" + ` stored for the endpoint's origin: in the system's keyring or, with ` + "`--file`" + `, in a file in your state directory, which only you can read (on Windows it is as private as your profile).

Spaces, quotation marks, brackets and ` + "`Bearer`" + ` around a key are removed. Without a key none is sent, which local servers accept; but then you have to name the endpoint, because the built-in one is used only if there is a key for it. A key from the command or the keyring is kept in memory until an endpoint refuses it.

A key is bound to an origin: scheme, host and port. The key of the endpoint at the top level is sent to the origin that ` + "`config.toml`" + ` or ` + "`OPENAI_BASE_URL`" + ` name, or to the built-in endpoint if they name none. An editor, and so a repository's settings, may choose among these origins. A server on this machine that only the editor names is used without the key. Before anything is sent to another origin that only the editor names, you are asked; ` + "`llmls trust ORIGIN`" + ` agrees beforehand, and allows the key for a server on this machine. If the source of the key changes later, you are asked again. A stored key is sent only to its own origin; if only the editor names that origin, the stored key is used before any other. An editor cannot set the settings that say so below.

`

// endpointsText and endpointsRules are the section about several endpoints.
const endpointsText = `## Several endpoints

` + "`config.toml`" + ` may describe several endpoints, each in a table with a name; the settings above all tables describe the one called ` + "`default`" + `:

`

func endpointsRules(list []setting) string {
	var names []string
	for _, s := range list {
		if s.ofEach {
			names = append(names, "`"+s.path+"`")
		}
	}
	last := len(names) - 1
	return "A table has a `baseUrl` and, of its own, " + strings.Join(names[:last], ", ") + " and " + names[last] + `. Model, tokens, temperature and effort are those at the top level where it says nothing; nothing else is taken from there, so that no key and no header goes to another endpoint. Where a table names no key, the one that ` + "`llmls login`" + ` stored for its origin is used, or none.

Which one answers is the setting ` + "`endpoint`" + `: in ` + "`config.toml`" + `, in ` + "`LLMLS_ENDPOINT`" + `, or from the editor. For one request it is ` + "`-e NAME`" + ` and ` + "`-m MODEL`" + ` on the command line, and a picker or a code action in the editor. What the environment or the editor says of the model is about the endpoint that the settings choose. A name that no endpoint has is an error that says which there are.

If an endpoint fails before any text arrived, because of the network, a timeout, a failure of the server or a rate limit, and after its retries, those of ` + "`fallback`" + ` are asked. The answer says which one it came from.

Header fields are sent where the key is sent, and nowhere else; ` + "`${apiKey}`" + ` in one stands for the key, which is then sent in no other field. Azure needs ` + "`headers = { \"api-key\" = \"${apiKey}\" }`" + `. Their values are not shown anywhere.

`
}

// several is a config.toml with more than one endpoint.
const several = `endpoint = "work"
fallback = ["local"]

[endpoints.work]
baseUrl = "https://gateway.example.com/v1"
model = "qwen3-coder"
apiKeyCommand = ["pass", "show", "work"]
headers = { "x-team" = "compilers", "api-key" = "${apiKey}" }

[endpoints.local]
baseUrl = "http://192.168.1.5:11434"
model = "gemma3"
plainHttp = true
`

// page is docs/settings.md.
func page(list []setting) string {
	var b strings.Builder
	b.WriteString(intro)
	b.WriteString(table(list, ""))
	b.WriteString("\n" + sources)
	b.WriteString(environment())
	b.WriteString(keyText)
	b.WriteString(endpointsText + "```toml\n" + several + "```\n\n" + endpointsRules(list))
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
	row("HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY", "the proxy to reach the endpoint by, the one if the first is not set, and the hosts to reach without it")
	row("XDG_STATE_HOME", "where `llmls/` is, in which llmls keeps its log, what you agreed to and keys in files")
	b.WriteString("\nA variable that is empty counts as not set. An editor that was started from the desktop may not see what your shell exports: what should hold there goes into `config.toml`.\n\n" +
		"Other programs read `OPENAI_API_BASE` and the like. llmls does not, and sends nothing while such a variable is the only thing that names an endpoint.\n\n")
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
		"number": "A number", "boolean": "`true` or `false`", "duration": "A number of seconds", "headers": "A table of strings",
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
