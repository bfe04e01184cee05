package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/llmls/llmls/internal/lsp/settings"
)

func newTrust() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "trust ORIGIN",
		Short: "Agree to an endpoint that only the editor names",
		Long: `Agree that your code, and the key that your own settings lead to, may be sent to
an origin (scheme, host and port), even if only an editor names it as baseUrl.
ORIGIN may be any base URL there. A server that runs already takes it into account.

An origin that config.toml or the environment names needs no agreement, and one
that a key was stored for with llmls login has it.`,
		Example: `  llmls trust https://relay.example.com
  llmls trust http://localhost:8080          with the key; without, it needs no trust
  llmls trust --list
  llmls trust --revoke https://relay.example.com`,
	}
	list := cmd.Flags().Bool("list", false, "print what is agreed, and where the key for it comes from")
	revoke := cmd.Flags().String("revoke", "", "take the agreement about this `origin` back")
	cmd.Args = usage(func(cmd *cobra.Command, args []string) error {
		if len(args)+cmd.Flags().NFlag() != 1 {
			return errors.New("trust needs one origin, or --list, or --revoke and an origin")
		}
		return nil
	})
	// Without a shell's directive the error could only be that the flag is
	// unknown.
	_ = cmd.RegisterFlagCompletionFunc("revoke", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		agreements, _ := settings.NewKeyFinder(os.LookupEnv).Agreements()
		var origins []string
		for _, a := range agreements {
			origins = append(origins, a.Origin)
		}
		return origins, cobra.ShellCompDirectiveNoFileComp
	})
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		keys := settings.NewKeyFinder(os.LookupEnv)
		switch {
		case *list:
			return listTrust(cmd.OutOrStdout(), keys)
		case *revoke != "":
			return revokeTrust(cmd.OutOrStdout(), keys, *revoke)
		default:
			return trust(cmd.OutOrStdout(), keys, args[0])
		}
	}
	return cmd
}

// trust says what was agreed to, so that it is seen which key goes there.
func trust(out io.Writer, keys *settings.KeyFinder, baseURL string) error {
	origin, err := settings.OriginOf(baseURL)
	if err != nil {
		return err
	}
	user, problems := settings.LoadUser(os.LookupEnv)
	if err := warn(problems); err != nil {
		return err
	}
	options := settings.Resolve(user...)
	agreement := keys.Agreement(origin, &options)
	if err := keys.Agree(agreement); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s may have your code and this key: %s\n", origin, agreement.KeySource)
	return err
}

func listTrust(out io.Writer, keys *settings.KeyFinder) error {
	agreements, err := keys.Agreements()
	if err != nil {
		return err
	}
	stored, err := keys.StoredKeys()
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ORIGIN\tKEY\tSINCE")
	for _, a := range agreements {
		if stored[a.Origin] == "" {
			fmt.Fprintf(w, "%s\t%s\t%s\n", a.Origin, a.KeySource, a.Time.Local().Format(time.DateTime))
		}
	}
	for _, origin := range slices.Sorted(maps.Keys(stored)) {
		fmt.Fprintf(w, "%s\t%s\tllmls login\n", origin, stored[origin])
	}
	return w.Flush()
}

func revokeTrust(out io.Writer, keys *settings.KeyFinder, baseURL string) error {
	origin, err := settings.OriginOf(baseURL)
	if err != nil {
		return err
	}
	err = keys.Revoke(origin)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	stored, storedErr := keys.StoredKeys()
	switch {
	case stored[origin] != "":
		return fmt.Errorf("a key is stored for %s, and goes there; to remove it, run: llmls logout %s", origin, origin)
	case err != nil:
		return fmt.Errorf("nothing was agreed about %s; see llmls trust --list", origin)
	case storedErr != nil:
		return storedErr
	}
	_, err = fmt.Fprintf(out, "%s is no longer trusted\n", origin)
	return err
}
