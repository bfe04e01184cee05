package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/llmls/llmls/internal/access"
	"github.com/llmls/llmls/internal/terminal"
)

func (p *program) newTrust() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "trust ORIGIN | FILE",
		Short: "Agree to an endpoint that only the editor names, or to a repository's prompt",
		Long: `Agree that your code, and the key that your own settings lead to, may be sent to
an origin (scheme, host and port), even if only an editor names it as baseUrl.
ORIGIN may be any base URL there. Running servers use the agreement at once.

An origin that config.toml or the environment names needs no agreement, and one
for which llmls login stored a key needs none either.

FILE is a prompt of a repository, in .llmls/prompts or .github/prompts, or its
AGENTS.md: its text is printed, and it is used until that text changes.`,
		Example: `  llmls trust https://relay.example.com
  llmls trust http://localhost:8080          with the key; without, it needs no trust
  llmls trust .github/prompts/review.prompt.md
  llmls trust --list
  llmls trust --revoke https://relay.example.com`,
	}
	list := cmd.Flags().Bool("list", false, "print what is agreed, and where the key for it comes from")
	revoke := cmd.Flags().String("revoke", "", "revoke the agreement about this `origin` or file")
	cmd.Args = usage(func(cmd *cobra.Command, args []string) error {
		if len(args)+cmd.Flags().NFlag() != 1 {
			return errors.New("trust needs one origin or file, or --list, or --revoke and an origin")
		}
		return nil
	})
	// Without a shell's directive the error could only be that the flag is
	// unknown.
	_ = cmd.RegisterFlagCompletionFunc("revoke", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		agreements, _ := p.access.Agreements()
		var origins []string
		for _, a := range agreements {
			origins = append(origins, a.Origin)
		}
		return origins, cobra.ShellCompDirectiveNoFileComp
	})
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		switch {
		case *list:
			return p.listTrust(cmd.OutOrStdout())
		case strings.HasSuffix(*revoke, ".md"):
			return p.revokeFile(cmd.OutOrStdout(), *revoke)
		case *revoke != "":
			return p.revokeTrust(cmd.OutOrStdout(), *revoke)
		case isFile(args[0]):
			return p.trustFile(cmd.OutOrStdout(), args[0])
		default:
			return p.trust(cmd.OutOrStdout(), args[0])
		}
	}
	return cmd
}

// trust stores the user's consent, and prints it with the key that will be sent.
func (p *program) trust(out io.Writer, baseURL string) error {
	origin, err := access.OriginOf(baseURL)
	if err != nil {
		return err
	}
	options, err := p.load()
	if err != nil {
		return err
	}
	if err := options.Stop(); err != nil {
		return err // after the settings are corrected, another key may be sent there
	}
	agreement := p.access.Agreement(origin, options)
	if err := p.access.Agree(agreement); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s may have your code and this key: %s\n", origin, agreement.KeySource)
	return err
}

func (p *program) listTrust(out io.Writer) error {
	agreements, err := p.access.Agreements()
	if err != nil {
		return err
	}
	stored, err := p.access.StoredKeys()
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
	files, err := p.access.FileAgreements()
	if err != nil {
		return err
	}
	for _, f := range files {
		fmt.Fprintf(w, "%s\t-\t%s\n", terminal.Line(f.Path), f.Time.Local().Format(time.DateTime))
	}
	return w.Flush()
}

func (p *program) revokeTrust(out io.Writer, baseURL string) error {
	origin, err := access.OriginOf(baseURL)
	if err != nil {
		return err
	}
	err = p.access.Revoke(origin)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	stored, storedErr := p.access.StoredKeys()
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
