package main

import (
	"encoding/json"
	"strings"
)

// A schema is what of JSON Schema 2020-12 the settings need.
type schema struct {
	Schema      string             `json:"$schema,omitempty"`
	Title       string             `json:"title,omitempty"`
	Description string             `json:"description,omitempty"`
	Type        any                `json:"type"`
	Default     any                `json:"default,omitempty"`
	Minimum     json.Number        `json:"minimum,omitempty"`
	Maximum     json.Number        `json:"maximum,omitempty"`
	Pattern     string             `json:"pattern,omitempty"`
	Enum        []string           `json:"enum,omitempty"`
	Items       *schema            `json:"items,omitempty"`
	Properties  map[string]*schema `json:"properties,omitempty"`
	Additional  any                `json:"additionalProperties,omitempty"` // false, or the schema of each
}

// durationPattern is what time.ParseDuration takes, without a sign.
const durationPattern = `^(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+$`

func jsonSchema(list []setting) (string, error) {
	root := object("The settings of llmls")
	root.Schema = "https://json-schema.org/draft/2020-12/schema"
	root.Title = "llmls"
	for _, s := range list {
		parent, name := root, s.path
		if group, leaf, ok := strings.Cut(s.path, "."); ok {
			if root.Properties[group] == nil {
				root.Properties[group] = object(s.group)
			}
			if parent, name = root.Properties[group], leaf; leaf == "enabled" { // true or false for the whole is short for it
				parent.Type = []string{"boolean", "object"}
			}
		}
		parent.Properties[name] = s.schema()
	}
	root.Properties["endpoints"] = endpoints(list)
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(root)
	return b.String(), err
}

// endpoints is the schema of the tables that describe one endpoint each.
func endpoints(list []setting) *schema {
	one := object("An endpoint")
	for _, s := range list {
		if s.ofEach {
			p := s.schema()
			p.Default = nil
			one.Properties[s.path] = p
		}
	}
	all := object("The endpoints beside the one at the top level, by name. An editor cannot set this.")
	all.Additional = one
	return all
}

func object(description string) *schema {
	return &schema{Description: description, Type: "object", Properties: map[string]*schema{}, Additional: false}
}

func (s *setting) schema() *schema {
	p := &schema{
		Description: s.doc, Type: s.kind, Default: s.value, Enum: s.enum,
		Minimum: json.Number(s.min), Maximum: json.Number(s.max),
	}
	switch s.kind {
	case "strings":
		p.Type, p.Items = "array", &schema{Type: "string"}
	case "headers":
		p.Type, p.Additional = "object", &schema{Type: "string"}
	case "duration":
		p.Type, p.Pattern = []string{"number", "string"}, durationPattern
	}
	return p
}
