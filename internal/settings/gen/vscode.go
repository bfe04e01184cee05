package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Where the derived parts of the manifest of the extension are (RFC 6901).
const (
	vscodeManifest   = "editors/vscode/package.json"
	vscodeProperties = "/contributes/configuration/properties"
	vscodeRestricted = "/capabilities/untrustedWorkspaces/restrictedConfigurations"
)

// A vscodeSetting is a setting as VS Code's contributes.configuration has it.
type vscodeSetting struct {
	Order       int         `json:"order"`
	Scope       string      `json:"scope"`
	Description string      `json:"markdownDescription"`
	Type        any         `json:"type"`
	Default     any         `json:"default"`
	Minimum     json.Number `json:"minimum,omitempty"`
	Maximum     json.Number `json:"maximum,omitempty"`
	Pattern     string      `json:"pattern,omitempty"`
	Message     string      `json:"patternErrorMessage,omitempty"`
	Enum        []string    `json:"enum,omitempty"`
	Items       *schema     `json:"items,omitempty"`
	Multiline   string      `json:"editPresentation,omitempty"`
}

// vscodeOwn are the settings of the extension itself: how it starts the server.
func vscodeOwn() map[string]vscodeSetting {
	text := func(order int, description string) vscodeSetting {
		return vscodeSetting{Order: order, Scope: "machine", Description: description, Type: "string", Default: ""}
	}
	const last = 100 // behind those of the server
	return map[string]vscodeSetting{
		"llmls.apiKeyEnv": text(last, "The environment variable from which the key is taken if none was set by the command *llmls: Set API Key*. If it is empty, that is `OPENAI_API_KEY`. The key goes to the endpoint of `#llmls.baseUrl#`."),
		"llmls.proxy":     text(last+1, "The proxy by which the endpoint of `#llmls.baseUrl#` is reached, such as `http://proxy.example.com:3128`. If it is empty, it is the one of `#http.proxy#`, or else what `HTTPS_PROXY` says."),
		"llmls.path":      text(last+2, "The program `llmls`, by its absolute path. If it is empty, it is the one that came with this extension, or else the one in your `PATH`. [How to install one](https://github.com/llmls/llmls#install)."),
	}
}

// vscodePackage is the manifest of the extension with the settings that an
// editor may set. In Restricted Mode the workspace sets none of them.
func vscodePackage(manifest string, list []setting) (string, error) {
	properties := vscodeOwn()
	for i, s := range list {
		if s.inVSCode {
			properties["llmls."+s.path] = s.vscode(i, list)
		}
	}
	manifest, err := replaceValue(manifest, vscodeProperties, properties)
	if err != nil {
		return "", err
	}
	return replaceValue(manifest, vscodeRestricted, slices.Sorted(maps.Keys(properties)))
}

func (s *setting) vscode(order int, list []setting) vscodeSetting {
	p := s.schema()
	v := vscodeSetting{
		Order: order, Scope: s.scope, Description: linked(s.doc, list), Type: p.Type, Default: p.Default,
		Minimum: p.Minimum, Maximum: p.Maximum, Pattern: p.Pattern, Enum: p.Enum, Items: p.Items,
	}
	switch {
	case s.kind == "duration":
		// A single type is what VS Code has a box for.
		v.Type, v.Minimum, v.Maximum = "string", "", ""
		v.Message = "A duration is a number with a unit, such as 90s or 2m."
	case s.value == nil:
		v.Type = []any{p.Type, "null"}
	case s.check == "text":
		v.Multiline = "multilineText"
	}
	return v
}

var quoted = regexp.MustCompile("`([A-Za-z.]+)`")

// linked makes the names of settings links, in the form of VS Code.
func linked(doc string, list []setting) string {
	return quoted.ReplaceAllStringFunc(doc, func(name string) string {
		path := strings.Trim(name, "`")
		if !slices.ContainsFunc(list, func(s setting) bool { return s.path == path && s.inVSCode }) {
			return name
		}
		return "`#llmls." + path + "#`"
	})
}

// replaceValue puts val in the place of the member at pointer, and leaves every
// other byte of text as it is.
func replaceValue(text string, pointer jsontext.Pointer, val any) (string, error) {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent(strings.Repeat("  ", strings.Count(string(pointer), "/")), "  ")
	if err := enc.Encode(val); err != nil {
		return "", err
	}
	d := jsontext.NewDecoder(strings.NewReader(text))
	for d.StackPointer() != pointer {
		if _, err := d.ReadToken(); err != nil {
			return "", fmt.Errorf("find %s in %s: %w", pointer, vscodeManifest, err)
		}
	}
	value, err := d.ReadValue() // the name was read; this is what it names
	if err != nil {
		return "", fmt.Errorf("read %s of %s: %w", pointer, vscodeManifest, err)
	}
	end := int(d.InputOffset())
	return text[:end-len(value)] + strings.TrimSuffix(b.String(), "\n") + text[end:], nil
}
