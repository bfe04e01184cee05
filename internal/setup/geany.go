package setup

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// geany replaces the server of each language that a person names, by the names of
// Geany's file types, since its client runs one server for a language. The files of
// the answers, which are Markdown, belong to the same server.
func geany(d Dirs, languages []string) ([]Part, error) {
	first := "Markdown"
	var b strings.Builder
	for i, language := range languages {
		if strings.ContainsAny(language, "[]\n") {
			return nil, fmt.Errorf("name a file type of Geany, such as Python: %q is none", language)
		}
		if i == 0 {
			first = language
		}
	}
	fmt.Fprintf(&b, "[%s]\ncmd=llmls\nuse_without_project=true\nuse_outside_project_dir=true\n", first)
	for _, language := range slices.DeleteFunc(append(slices.Clone(languages), "Markdown"), func(l string) bool { return l == first }) {
		fmt.Fprintf(&b, "\n[%s]\nuse=%s\n", language, first)
	}
	return []Part{{
		Path: filepath.Join(or(d.Local, d.Config), "geany", "plugins", "lsp", "lsp.conf"), Text: b.String(),
		merge: mergeGeany,
	}}, nil
}

// mergeGeany adds the sections to those that lsp.conf has. A section that is there
// is a person's: it stays, unless it is the same already.
func mergeGeany(old, text string) (string, error) {
	if strings.Contains(old, text) {
		return old, nil
	}
	for line := range strings.Lines(old) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") && strings.Contains(text, line+"\n") {
			return "", errors.New("put what is printed without --write in the place of its section " + line + " by hand")
		}
	}
	return paragraph(old) + text, nil
}
