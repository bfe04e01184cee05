package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/llmls/llmls/internal/completion/safety"
	"github.com/llmls/llmls/internal/conversations"
	"github.com/llmls/llmls/internal/terminal"
)

func (p *program) newHistory() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "history [WORDS…]",
		Short: "List the conversations that are kept, newest first",
		Long: `List the conversations that are kept on this machine, newest first, or those in
which each of the words stands. Each is a file of Markdown in conversations, in the
state directory; history = false in config.toml keeps none.`,
		Example: `  llmls history
  llmls history race condition
  llmls history show ABCDEF-1
  llmls ask --continue ABCDEF-1 "and on Windows?"`,
		RunE: func(cmd *cobra.Command, args []string) error {
			list, err := p.kept(cmd.Context(), strings.Join(args, " "))
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(terminal.Clean(p.access.Redactor().Writer(os.Stdout)), 0, 0, 2, ' ', 0)
			for i := range list {
				f := &list[i]
				fmt.Fprintf(w, "%s\t%s\t%d\t%s\n", f.ID, f.When.Local().Format("2006-01-02 15:04"), f.Turns, terminal.Line(shortened(f.Title)))
			}
			if len(list) == 0 {
				p.say("no conversation is kept", matching(args))
			}
			return w.Flush()
		},
	}
	cmd.AddCommand(p.newHistoryShow(), p.newHistoryRemove())
	return cmd
}

func matching(words []string) string {
	if len(words) == 0 {
		return ""
	}
	return " that has " + strings.Join(words, ", ")
}

// kept removes the conversations that are too old, and lists the others.
func (p *program) kept(ctx context.Context, query string) ([]conversations.Info, error) {
	options, err := p.load()
	if err != nil {
		return nil, err
	}
	store := p.conversations()
	store.Sweep(options.History.Days)
	return store.List(ctx, query, "")
}

// shortened cuts a title to about one row of a terminal.
func shortened(title string) string {
	const limit = 80
	if r := []rune(title); len(r) > limit {
		return string(r[:limit]) + "…"
	}
	return title
}

func (p *program) newHistoryShow() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "show ID",
		Short: "Print a conversation, and on standard error where its file is",
		Args:  usage(cobra.ExactArgs(1)),
	}
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		found, err := p.conversations().Load(strings.ToUpper(args[0]))
		if err != nil {
			return noConversation(args[0], err)
		}
		out := terminal.Open(os.Stdout, os.Getenv)
		if _, err := io.WriteString(out, p.access.Redactor().Redact(safety.Visible(found.Show()))); err != nil {
			return err
		}
		if err := out.Close(); err != nil {
			return err
		}
		p.say("the file is ", found.Path)
		return nil
	}
	return cmd
}

func (p *program) newHistoryRemove() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "rm ID…",
		Short: "Remove conversations: some, one workspace's, or all",
		Example: `  llmls history rm ABCDEF-1
  llmls history rm --workspace .
  llmls history rm --all`,
	}
	workspace := cmd.Flags().String("workspace", "", "those about files below this `directory`")
	all := cmd.Flags().Bool("all", false, "all of them")
	cmd.Args = usage(func(cmd *cobra.Command, args []string) error {
		if (len(args) > 0) == (cmd.Flags().NFlag() > 0) || cmd.Flags().NFlag() > 1 {
			return errors.New("rm needs ids, or --workspace and a directory, or --all")
		}
		return nil
	})
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		missing := map[string]bool{}
		for i, id := range args {
			args[i] = strings.ToUpper(id)
			missing[args[i]] = true
		}
		below := func([]string) bool { return false }
		if cmd.Flags().Changed("workspace") {
			if *workspace == "" {
				return errors.New("write a directory behind --workspace: a dot is this one")
			}
			dir, err := filepath.Abs(*workspace)
			if err != nil {
				return fmt.Errorf("finding the directory: %w", err)
			}
			below = conversations.About(fileURI(dir))
		}
		n, err := p.conversations().Remove(cmd.Context(), func(f *conversations.Info) bool {
			delete(missing, f.ID)
			return *all || slices.Contains(args, f.ID) || below(f.Documents)
		})
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(cmd.OutOrStdout(), "%d removed\n", n); err != nil {
			return err
		}
		for id := range missing {
			return noConversation(id, conversations.ErrNone)
		}
		return nil
	}
	return cmd
}
