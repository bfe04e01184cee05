package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/llmls/llmls/internal/lsp/settings"
)

func newSettings() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "settings",
		Short: "Print every setting with its value and where it comes from",
		Args:  usage(cobra.NoArgs),
	}
	schema := cmd.Flags().Bool("schema", false, "print the JSON Schema of the settings instead")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		out := cmd.OutOrStdout()
		if *schema {
			_, err := fmt.Fprintf(out, "%s", settings.Schema())
			return err
		}
		user, problems := settings.LoadUser(os.LookupEnv)
		resolved := settings.Resolve(user...)
		_, source, err := keys().Preview(&resolved)
		if err != nil {
			source = "not used"
		}
		if _, err := fmt.Fprint(keys().Redactor().Writer(out), resolved.Table(source)); err != nil {
			return err
		}
		return warn(problems)
	}
	return cmd
}

// warn prints what is wrong with the user's settings; what is right still holds.
func warn(problems []settings.Problem) error {
	if len(problems) == 0 {
		return nil
	}
	_, err := fmt.Fprintln(stderr(), "llmls:", settings.Sentence(problems))
	return err
}
