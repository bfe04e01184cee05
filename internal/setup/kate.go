package setup

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// kateOthers is the entry for files that no other server serves: Kate takes the
// first entry, by name, whose pattern fits, and "~" comes last.
const kateOthers = "~llmls"

// kate replaces the server of each language that a person names, since Kate runs
// one for a file; without any, llmls is for the files that no entry is for.
func kate(d Dirs, languages []string) ([]Part, error) {
	entries := []string{`"` + kateOthers + `": {"command": ["llmls"], "highlightingModeRegex": ".*", "documentLanguageId": false}`}
	if len(languages) > 0 {
		entries = nil
		for _, language := range languages {
			name, err := json.Marshal(language)
			if err != nil {
				return nil, err
			}
			entries = append(entries, string(name)+`: {"command": ["llmls"]}`)
		}
	}
	text := "{\n  \"servers\": {\n    " + strings.Join(entries, ",\n    ") + "\n  }\n}\n"
	return []Part{{
		Path: filepath.Join(or(d.Local, d.Config), "kate", "lspclient", "settings.json"), Text: text,
		merge: func(old, text string) (string, error) { return mergeServers(old, text, entries) },
	}}, nil
}

// mergeServers puts the entries in front of those that settings.json has.
func mergeServers(old, text string, entries []string) (string, error) {
	if strings.TrimSpace(old) == "" {
		return text, nil
	}
	var was struct {
		Servers map[string]any `json:"servers"`
	}
	if err := json.Unmarshal([]byte(old), &was); err != nil {
		return "", fmt.Errorf("it is no JSON that Kate could read: %w", err)
	}
	var missing []string
	for _, entry := range entries {
		var one map[string]any
		if err := json.Unmarshal([]byte("{"+entry+"}"), &one); err != nil {
			return "", err
		}
		for name, value := range one {
			switch {
			case was.Servers[name] == nil:
				missing = append(missing, entry)
			case !within(value, was.Servers[name]):
				return "", fmt.Errorf("it has another server for %s: put llmls in its place by hand", name)
			}
		}
	}
	if len(missing) == 0 {
		return old, nil
	}
	place := serversBegin(old)
	if place < 0 {
		return "", errors.New(`it has no "servers": add what is printed without --write by hand`)
	}
	added := "\n    " + strings.Join(missing, ",\n    ")
	if len(was.Servers) > 0 {
		added += ","
	} else {
		added += "\n  "
	}
	merged := old[:place] + added + old[place:]
	var before, after map[string]any
	if err := errors.Join(json.Unmarshal([]byte(old), &before), json.Unmarshal([]byte(merged), &after)); err != nil || !within(before, after) {
		return "", errors.New("it is not written as llmls can change it: add what is printed without --write by hand")
	}
	return merged, nil
}

// serversBegin returns where the members of "servers" begin, -1 if there are
// none.
func serversBegin(text string) int {
	d := jsontext.NewDecoder(bytes.NewBufferString(text))
	for {
		token, err := d.ReadToken()
		if err != nil {
			return -1
		}
		if d.StackDepth() == 1 && token.Kind() == '"' && token.String() == "servers" && d.PeekKind() == '{' {
			if _, err := d.ReadToken(); err != nil {
				return -1
			}
			return int(d.InputOffset())
		}
	}
}
