package workspace

import (
	"context"
	"path"
	"strings"

	"github.com/llmls/llmls/internal/completion/chat"
	"github.com/llmls/llmls/internal/completion/related"
)

// maxCompleted is the most completions that are returned.
const maxCompleted = 100

// Complete returns the completions of word, the beginning of a mention: paths of files
// that may be sent, and names that the file at home and those beside it define. A
// directory ends in a slash.
func Complete(ctx context.Context, home *Location, word string) []string {
	kind, rest, named := strings.Cut(word, ":")
	if !named {
		var list []string
		for _, head := range []string{"file:", "symbol:", "diff"} {
			if strings.HasPrefix("#"+head, word) && word != "" {
				list = append(list, "#"+head)
			}
		}
		return list
	}
	if home.Options == nil {
		return nil
	}
	files := Open(ctx, home.Options)
	defer files.Close()
	switch chat.MentionKind(strings.TrimPrefix(kind, "#")) {
	case chat.MentionFile:
		return files.completePath(strings.TrimPrefix(rest, `"`))
	case chat.MentionSymbol:
		return files.completeSymbol(path.Clean(home.Path), rest)
	}
	return nil
}

func (f *Files) completePath(begun string) (list []string) {
	dir, base := path.Split(begun)
	for _, name := range f.Names(path.Clean("./" + dir)) {
		p := dir + name
		if !strings.HasPrefix(strings.ToLower(name), strings.ToLower(base)) || strings.HasPrefix(name, ".") && base == "" || len(list) == maxCompleted {
			continue
		}
		if info, err := f.root.Stat(path.Clean(p)); err != nil || f.check(path.Clean(p), p) != nil {
			continue
		} else if info.IsDir() {
			p += "/"
		} else if !info.Mode().IsRegular() {
			continue
		}
		if strings.ContainsAny(p, " \t") {
			p = `"` + p
			if !strings.HasSuffix(p, "/") {
				p += `"`
			}
		}
		list = append(list, "#"+string(chat.MentionFile)+":"+p)
	}
	return list
}

func (f *Files) completeSymbol(home, begun string) (list []string) {
	seen := map[string]bool{}
	look := func(p string) {
		file := f.File(p)
		if file == nil {
			return
		}
		for _, name := range file.Names() {
			if strings.HasPrefix(name, begun) && !seen[name] && len(list) < maxCompleted {
				seen[name] = true
				list = append(list, "#"+string(chat.MentionSymbol)+":"+name)
			}
		}
	}
	look(home)
	for n, name := range f.Names(path.Dir(home)) {
		if n < maxBeside && path.Ext(name) == path.Ext(home) && related.Knows(name) {
			look(path.Join(path.Dir(home), name))
		}
	}
	return list
}

// maxBeside is how many names of a directory are looked at for symbols.
const maxBeside = 300
