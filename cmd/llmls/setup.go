package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/llmls/llmls/internal/setup"
	"github.com/llmls/llmls/internal/state"
)

func newSetup() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "setup EDITOR [LANGUAGE…]",
		Short: "Print the configuration with which an editor runs llmls, or add it",
		Long: `setup prints the shortest configuration with which an editor runs llmls, and
which file it belongs into. With --write it shows what it would add to that file,
and adds it; what the file holds already stays. EDITOR is one of
` + strings.Join(setup.Names(), ", ") + `. Languages are named for Helix and
Kate, by the editor's own names.`,
		Example: `  llmls setup emacs
  llmls setup helix --write python rust`,
		Args: usage(func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("setup needs an editor: " + strings.Join(setup.Names(), ", "))
			}
			return nil
		}),
		ValidArgs: setup.Names(),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return setup.Names(), cobra.ShellCompDirectiveNoFileComp
		},
	}
	write := cmd.Flags().Bool("write", false, "add it to your configuration, after showing the change")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		editor, err := setup.Find(args[0])
		if err != nil {
			return usageError{err}
		}
		dirs, err := setup.FindDirs(os.LookupEnv)
		if err != nil {
			return err
		}
		parts, err := editor.Parts(dirs, args[1:])
		if err != nil {
			return usageError{err}
		}
		if *write {
			return writeParts(cmd, editor, parts)
		}
		return printParts(cmd, editor, parts)
	}
	return cmd
}

// printParts prints only the configuration to standard output, so that it can be
// redirected; the names of the files go to standard error.
func printParts(cmd *cobra.Command, editor *setup.Editor, parts []setup.Part) error {
	out, beside := cmd.OutOrStdout(), cmd.ErrOrStderr()
	for i, part := range parts {
		if i > 0 {
			fmt.Fprintln(out)
		}
		if part.Path != "" {
			fmt.Fprintf(beside, "For %s:\n\n", part.Path)
		}
		if _, err := io.WriteString(out, part.Text); err != nil {
			return err
		}
	}
	fmt.Fprintf(beside, "\n%s\n", editor.Then)
	return nil
}

// writeParts plans all changes before it writes any. A lock makes processes that run
// at once do so one after the other, so that none loses what another has added.
func writeParts(cmd *cobra.Command, editor *setup.Editor, parts []setup.Part) error {
	release, err := state.New(os.LookupEnv).Lock(cmd.Context(), "setup")
	if err != nil {
		return err
	}
	defer release()
	var changes []*setup.Change
	for _, part := range parts {
		change, err := part.Plan()
		if err != nil {
			if part.Path != "" {
				err = fmt.Errorf("%s stays as it is: %w", part.Path, err)
			}
			return err
		}
		changes = append(changes, change)
	}
	out := cmd.OutOrStdout()
	for _, change := range changes {
		if change.New == change.Old {
			fmt.Fprintf(out, "%s has it already.\n", change.Path)
			continue
		}
		fmt.Fprintf(out, "%s:\n%s", change.Path, change.Diff())
		err = errors.Join(err, change.Write())
	}
	if err == nil {
		fmt.Fprintln(out, editor.Then)
	}
	return err
}
