package main

import (
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/llmls/llmls/internal/conversations"
	"github.com/llmls/llmls/internal/settings"
)

// A choice is which endpoint and model a command is about: the flags --endpoint
// and --model. Empty ones leave it to the settings.
type choice struct {
	endpoint, model string

	earlier *conversations.Conversation // that the question goes on with, or nil
	shown   string                      // instead of the question, where that is the text of a prompt

	mentioned []string // the paths of the files that the question mentions
	related   []string // of other files of which some code is sent
}

// choiceFlags adds both flags to cmd.
func choiceFlags(cmd *cobra.Command) *choice {
	c := endpointFlag(cmd)
	cmd.Flags().StringVarP(&c.model, "model", "m", "", "the model to ask, instead of the one that the settings name")
	// Only the models that config.toml names: to list those of an endpoint takes its
	// key, and so may run apiKeyCommand, which completion must not do.
	_ = cmd.RegisterFlagCompletionFunc("model", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		var models []string
		resolved := userSettings()
		for _, name := range resolved.Endpoints() {
			if one, err := resolved.With(name, ""); err == nil && !slices.Contains(models, one.Model) {
				models = append(models, one.Model)
			}
		}
		return models, cobra.ShellCompDirectiveNoFileComp
	})
	return c
}

// endpointFlag adds --endpoint alone.
func endpointFlag(cmd *cobra.Command) *choice {
	c := &choice{}
	cmd.Flags().StringVarP(&c.endpoint, "endpoint", "e", "", "the endpoint to ask, by its `name` in config.toml")
	// The error could only be that the flag is unknown.
	_ = cmd.RegisterFlagCompletionFunc("endpoint", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return userSettings().Endpoints(), cobra.ShellCompDirectiveNoFileComp
	})
	return c
}

// userSettings returns the valid settings of config.toml and the environment: they
// are for completion in a shell, which cannot show an error.
func userSettings() *settings.Settings {
	layers, _ := settings.LoadUser(os.LookupEnv)
	resolved := settings.Resolve(layers...)
	return &resolved
}

// loadFor is load for what was chosen.
func (p *program) loadFor(c *choice) (*settings.Settings, error) {
	options, err := p.load()
	if err != nil || c.endpoint == "" && c.model == "" {
		return options, err
	}
	chosen, err := options.With(c.endpoint, c.model)
	return &chosen, err
}
