package main

import (
	"context"
	"os"
	"path/filepath"

	"github.com/llmls/llmls/internal/completion/chat"
	"github.com/llmls/llmls/internal/settings"
	"github.com/llmls/llmls/internal/workspace"
)

// readMentions adds what the question of turn mentions. Paths count from the
// working directory; symbols and changes are looked for in the repository of the
// code, else in that of the working directory. It returns the files that
// were read, and sentences about ineffective lines of the ignore files that applied.
func readMentions(ctx context.Context, turn *chat.Turn, options *settings.Settings) (paths, notes []string, err error) {
	mentions := chat.Mentions(turn.Question)
	if len(mentions) == 0 {
		return nil, nil, nil
	}
	here, _ := os.Getwd() // "" if it is unknown; then no file is below it
	locate := func(name string) []workspace.Location {
		file, err := filepath.Abs(filepath.FromSlash(name))
		if err != nil {
			return nil
		}
		root, rel := workspace.RootOf(file, here)
		return []workspace.Location{{Path: rel, Options: &workspace.Options{Root: root, Allow: options.Context.Allow}}}
	}
	home := "." + string(filepath.Separator) + "-" // a file of no directory but this
	if turn.Code != nil && turn.Code.Path != "" {
		home = turn.Code.Path
	}
	reader := workspace.Reader{Locate: locate}
	if found := locate(home); len(found) > 0 {
		reader.Home = found[0]
	}
	turn.Materials, err = reader.Read(ctx, mentions)
	return reader.Paths(), reader.Notes(), err
}
