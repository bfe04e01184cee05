package setup

import (
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/pelletier/go-toml/v2"
)

// helix needs an entry for each language, because a list of servers replaces
// the one that is built in.
func helix(d Dirs, languages []string) ([]Part, error) {
	if len(languages) == 0 { // the usual ones
		languages = []string{"python", "rust", "go", "c", "cpp", "javascript", "typescript", "java", "bash"}
	}
	if !slices.Contains(languages, "markdown") {
		languages = append(slices.Clone(languages), "markdown") // what answers are written in
	}
	var entries strings.Builder
	for _, language := range languages {
		servers, err := helixServers(language)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&entries, "\n[[language]]\nname = %q\n%s\n", language, serverList(servers))
	}
	dir := filepath.Join(or(d.Roaming, d.Config), "helix")
	return []Part{
		{Path: filepath.Join(dir, "languages.toml"), Text: helixServer + entries.String(), merge: func(old, text string) (string, error) {
			return mergeLanguages(old, text, languages)
		}},
		{Path: filepath.Join(dir, "config.toml"), Text: text("helix.config.toml"), merge: mergeProgress},
	}, nil
}

const helixServer = "[language-server.llmls]\ncommand = \"llmls\"\n"

func serverList(servers []string) string {
	return `language-servers = ["` + strings.Join(append(slices.Clone(servers), "llmls"), `", "`) + `"]`
}

// helixServers returns the servers that Helix 25.07 has for a language, as
// `hx --health` lists them.
func helixServers(language string) ([]string, error) {
	var known []string
	for line := range strings.Lines(text("helix.servers")) {
		name, servers, _ := strings.Cut(line, ":")
		if name == language {
			return strings.Fields(servers), nil
		}
		known = append(known, name)
	}
	return nil, fmt.Errorf("which servers Helix has for %q is not known; it is for %s. Add llmls to those that `hx --health %s` lists by hand",
		language, strings.Join(known, ", "), language)
}

// mergeLanguages adds what is missing to languages.toml, and changes nothing
// else: a person's own lists keep their servers and get llmls as well.
func mergeLanguages(old, text string, languages []string) (string, error) {
	was, err := readLanguages(old)
	if err != nil {
		return "", err
	}
	if old == "" {
		return text, nil
	}
	merged := old
	if _, ok := was.Servers["llmls"]; !ok {
		merged = paragraph(merged) + helixServer
	}
	for _, language := range languages {
		if merged, err = mergeLanguage(merged, was.find(language), language); err != nil {
			return "", err
		}
	}
	if err := onlyAdds(old, merged); err != nil {
		return "", fmt.Errorf("it is not written as llmls can change it (%w): add llmls to the servers of %s by hand", err, strings.Join(languages, ", "))
	}
	return merged, nil
}

// helixLanguages is what is read of languages.toml.
type helixLanguages struct {
	Servers   map[string]any  `toml:"language-server"`
	Languages []helixLanguage `toml:"language"`
}

type helixLanguage struct {
	Name    string `toml:"name"`
	Servers []any  `toml:"language-servers"` // names, or tables with a name
}

func readLanguages(text string) (*helixLanguages, error) {
	l := new(helixLanguages)
	if err := toml.Unmarshal([]byte(text), l); err != nil {
		return nil, fmt.Errorf("it is no TOML that Helix could read: %w", err)
	}
	return l, nil
}

func (l *helixLanguages) find(name string) *helixLanguage {
	for i := range l.Languages {
		if l.Languages[i].Name == name {
			return &l.Languages[i]
		}
	}
	return nil
}

func (l *helixLanguage) runs(server string) bool {
	return slices.ContainsFunc(l.Servers, func(s any) bool {
		table, _ := s.(map[string]any)
		return s == any(server) || table["name"] == any(server)
	})
}

// helixList matches a list of servers in one line, up to its last server.
var helixList = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?m)^(\s*language-servers\s*=\s*\[.*?)(\s*,?\s*\]\s*(?:#.*)?)$`)
})

// mergeLanguage adds llmls to one language; has is its entry, nil for none.
func mergeLanguage(text string, has *helixLanguage, language string) (string, error) {
	servers, err := helixServers(language)
	if err != nil {
		return "", err
	}
	switch {
	case has == nil:
		return paragraph(text) + fmt.Sprintf("[[language]]\nname = %q\n%s\n", language, serverList(servers)), nil
	case has.runs("llmls"):
		return text, nil
	}
	begin, end := helixEntry(text, language)
	if begin < 0 {
		return "", fmt.Errorf("the entry of %s is not written as llmls can change it: add llmls to its language-servers by hand", language)
	}
	entry := text[begin:end]
	if has.Servers == nil {
		name, rest, _ := strings.Cut(entry, "\n")
		return text[:begin] + name + "\n" + serverList(servers) + "\n" + rest + text[end:], nil
	}
	list := helixList().FindStringSubmatchIndex(entry)
	if list == nil {
		return "", fmt.Errorf("the language-servers of %s are not written in one line below its name: add \"llmls\" to them by hand", language)
	}
	added := `, "llmls"`
	if len(has.Servers) == 0 {
		added = `"llmls"`
	}
	return text[:begin] + entry[:list[3]] + added + entry[list[3]:] + text[end:], nil
}

// helixEntry returns where the entry of a language stands, from the line of its
// name to the next table.
func helixEntry(text, language string) (begin, end int) {
	name := regexp.MustCompile(`(?m)^\s*name\s*=\s*["']` + regexp.QuoteMeta(language) + `["']\s*(?:#.*)?$`)
	place := name.FindStringIndex(text)
	if place == nil {
		return -1, -1
	}
	end = len(text)
	if next := regexp.MustCompile(`(?m)^\s*\[`).FindStringIndex(text[place[1]:]); next != nil {
		end = place[1] + next[0]
	}
	return place[0], end
}

// mergeProgress adds display-progress-messages to config.toml, unless the person
// has decided about it.
func mergeProgress(old, text string) (string, error) {
	var config struct {
		Editor struct {
			LSP map[string]any `toml:"lsp"`
		} `toml:"editor"`
	}
	if err := toml.Unmarshal([]byte(old), &config); err != nil {
		return "", fmt.Errorf("it is no TOML that Helix could read: %w", err)
	}
	if _, ok := config.Editor.LSP["display-progress-messages"]; ok {
		return old, nil
	}
	if config.Editor.LSP == nil {
		merged := paragraph(old) + text
		return merged, onlyAdds(old, merged)
	}
	head, line, _ := strings.Cut(text, "\n")
	header := regexp.MustCompile(`(?m)^\s*` + regexp.QuoteMeta(head) + `\s*(?:#.*)?\n`)
	place := header.FindStringIndex(old)
	if place == nil {
		return "", errors.New("its editor.lsp is not written as llmls can change it: add display-progress-messages = true there by hand")
	}
	merged := old[:place[1]] + line + old[place[1]:]
	return merged, onlyAdds(old, merged)
}

// onlyAdds fails unless merged is TOML that has everything that old has.
func onlyAdds(old, merged string) error {
	var before, after map[string]any
	if err := errors.Join(toml.Unmarshal([]byte(old), &before), toml.Unmarshal([]byte(merged), &after)); err != nil {
		return err
	}
	if !within(before, after) {
		return errors.New("something would be lost")
	}
	return nil
}

// within reports whether all of a is in b: the members of a table, the elements of
// a list, in their order.
func within(a, b any) bool {
	switch a := a.(type) {
	case map[string]any:
		b, ok := b.(map[string]any)
		for key, value := range a {
			ok = ok && within(value, b[key])
		}
		return ok
	case []any:
		b, ok := b.([]any)
		if !ok || len(b) < len(a) {
			return false
		}
		for i, value := range a {
			ok = ok && within(value, b[i])
		}
		return ok
	}
	return reflect.DeepEqual(a, b)
}
