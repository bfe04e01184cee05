package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/llmls/llmls/internal/setup"
)

func newSetup() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "setup EDITOR [LANGUAGE…]",
		Short: "Print how an editor is told to run llmls, or add that to its configuration",
		Long: `setup prints the shortest configuration with which an editor runs llmls, and
which file it belongs into. With --write it shows what it would add to that file,
and adds it; what the file holds already stays. Languages are named for Helix and
Kate, by the editor's own names.`,
		Example: `  llmls setup emacs
  llmls setup helix --write python rust`,
		Args:      usage(cobra.MinimumNArgs(1)),
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
			return writeParts(cmd.OutOrStdout(), editor, parts)
		}
		return printParts(cmd.OutOrStdout(), editor, parts)
	}
	return cmd
}

// printParts prints nothing but the configuration to standard output, so that it
// can be redirected; what belongs where is told beside it.
func printParts(out io.Writer, editor *setup.Editor, parts []setup.Part) error {
	for i, part := range parts {
		if i > 0 {
			fmt.Fprintln(out)
		}
		if part.Path != "" {
			fmt.Fprintf(stderr(), "For %s:\n\n", part.Path)
		}
		if _, err := io.WriteString(out, part.Text); err != nil {
			return err
		}
	}
	fmt.Fprintf(stderr(), "\n%s\n", editor.Then)
	return nil
}

// writeParts plans all before it writes any.
func writeParts(out io.Writer, editor *setup.Editor, parts []setup.Part) error {
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
	var failed error
	for _, change := range changes {
		if change.New == change.Old {
			fmt.Fprintf(out, "%s has it already.\n", change.Path)
			continue
		}
		fmt.Fprintf(out, "%s:\n%s", change.Path, change.Diff())
		failed = errors.Join(failed, change.Write())
	}
	if failed == nil {
		fmt.Fprintln(out, editor.Then)
	}
	return failed
}
