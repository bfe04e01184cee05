package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/openai"
	"github.com/llmls/llmls/internal/lsp/settings"
	"github.com/llmls/llmls/internal/terminal"
)

func newCheck() *cobra.Command {
	return &cobra.Command{
		Use:   "check",
		Short: "Say what will be used, and whether it answers",
		Long: `Print the endpoint, where the key comes from (never the key) and the model, send
one tiny request, and say how long the first word took. Then list the servers of
models that run on this machine. Exits 0 only if an answer streamed.`,
		Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return check(cmd.Context(), keys().Redactor().Writer(cmd.OutOrStdout()))
		},
	}
}

func check(ctx context.Context, out io.Writer) error {
	user, problems := settings.LoadUser(os.LookupEnv)
	if err := warn(problems); err != nil {
		return err
	}
	client := openai.NewClient()
	defer client.Close()
	code := report(ctx, checkEndpoint(ctx, out, client, settings.Resolve(user...)))
	if ctx.Err() == nil {
		listLocal(ctx, out, client)
	}
	if code != 0 {
		return exitError(code)
	}
	return nil
}

// checkEndpoint prints one line for each thing that has to be right.
func checkEndpoint(ctx context.Context, out io.Writer, client *openai.Client, options settings.Settings) error {
	address, err := openai.ChatURL(options.BaseURL)
	if err != nil {
		return err
	}
	address.RawQuery = "" // some relays want a key there
	fmt.Fprintf(out, "endpoint  %s  (%s)\n", address, options.Source("baseUrl"))
	fmt.Fprintf(out, "model     %s  (%s)\n", options.Model, options.Source("model"))
	_, source, err := keys().Preview(&options)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "key       %s\n", source)
	endpoint, err := keys().Endpoint(ctx, &options)
	if err != nil {
		return err
	}
	model, err := client.Model(endpoint)
	if err != nil {
		return err
	}
	request := &completion.Request{Model: options.Model, Messages: []completion.Message{
		{Role: completion.User, Content: "Answer with one word: ready"},
	}}
	summary, _, err := stream(ctx, model, request, io.Discard, silent())
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "answer    %s\n", terminal.Line(summary.String()))
	return nil
}

// A local server is one that people run on their own machine.
type local struct{ name, address string }

// localTimeout is for a server on this machine to list its models.
const localTimeout = 500 * time.Millisecond

// listLocal prints the servers that listen here and how to use each.
func listLocal(ctx context.Context, out io.Writer, client *openai.Client) {
	servers := []local{
		{"Ollama", "127.0.0.1:11434"},
		{"llama.cpp", "127.0.0.1:8080"},
		{"LM Studio", "127.0.0.1:1234"},
		{"vLLM", "127.0.0.1:8000"},
	}
	lines := make([]string, len(servers))
	var all sync.WaitGroup
	for i, server := range servers {
		all.Go(func() { lines[i] = server.probe(ctx, client) })
	}
	all.Wait()
	if found := strings.Join(lines, ""); found != "" {
		fmt.Fprintf(out, "\nOn this machine (keep what you want in your shell's profile):\n%s", found)
	}
}

// probe returns a line that configures the server, or "" if none of that kind
// listens there.
func (l local) probe(ctx context.Context, client *openai.Client) string {
	ctx, cancel := context.WithTimeout(ctx, localTimeout)
	defer cancel()
	base := "http://" + l.address + "/v1"
	models, err := client.Models(ctx, openai.Endpoint{BaseURL: base, FirstByte: localTimeout, Idle: localTimeout})
	if err != nil {
		return ""
	}
	if len(models) == 0 {
		return fmt.Sprintf("  %-9s  listens at %s, but offers no model yet\n", l.name, l.address)
	}
	return fmt.Sprintf("  %-9s  export OPENAI_BASE_URL=%s LLMLS_MODEL=%s\n", l.name, base, shellWord(models[0]))
}

// shellWord quotes what a server calls its model, so that a shell takes it as
// one word and nothing else.
func shellWord(s string) string {
	s = terminal.Line(s)
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./:@+", r)
	}
	if s != "" && !strings.ContainsFunc(s, func(r rune) bool { return !plain(r) }) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
