package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/llmls/llmls/internal/access"
	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/chat"
	"github.com/llmls/llmls/internal/settings"
	"github.com/llmls/llmls/internal/terminal"
)

func (p *program) newCheck() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Show what will be used, and whether it answers",
		Long: `Print the endpoint, where the key comes from (never the key) and the model, send
one small request, and print how long the first word took and whether a proxy
buffers the answer. Then list the model servers that run on this machine. Exits 0
only if an answer streamed.`,
		Example: `  llmls check
  llmls check -e local                       another endpoint of config.toml`,
		Args: usage(cobra.NoArgs),
	}
	c := choiceFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return p.check(cmd.Context(), c, terminal.Clean(p.access.Redactor().Writer(os.Stdout)))
	}
	return cmd
}

func (p *program) check(ctx context.Context, c *choice, out io.Writer) error {
	options, err := p.loadFor(c)
	if err != nil {
		return err
	}
	code := p.report(ctx, p.checkEndpoint(ctx, out, options))
	if ctx.Err() == nil && !p.listLocal(ctx, out) && code != 0 {
		fmt.Fprintln(out, "On this machine no Ollama, llama.cpp, LM Studio or vLLM listens at its usual port.")
	}
	if code != 0 {
		return exitError(code)
	}
	return nil
}

// checkEndpoint prints one line for each thing that has to be right. What it sends
// is what an answer sends, with the system message and every setting, because an
// endpoint may refuse only these. The answer is long enough to show whether a proxy
// buffers it.
func (p *program) checkEndpoint(ctx context.Context, out io.Writer, options *settings.Settings) error {
	source, err := p.access.KeySource(options)
	if err != nil {
		return err
	}
	prompt, err := chat.Assemble(&chat.Turn{Question: "Count from 1 to 30."}, options.Conversation(nil, p.access.Secrets(options)))
	if err != nil {
		return err
	}
	request := options.Request(prompt.Messages)
	dry, err := p.access.DryRun(options, request)
	if err != nil {
		return err
	}
	address, _, _ := strings.Cut(dry.URL, "?") // some relays want a key there
	fmt.Fprintf(out, "endpoint  %s  (%s)\n", address, options.Source("baseUrl"))
	if len(options.Endpoints()) > 1 {
		fmt.Fprintf(out, "named     %s\n", options.Endpoint)
	}
	fmt.Fprintf(out, "model     %s  (%s)\n", options.Model, options.Source("model"))
	fmt.Fprintf(out, "key       %s\n", source)
	if names := slices.Sorted(maps.Keys(options.Headers)); len(names) > 0 {
		fmt.Fprintf(out, "headers   %s (values not shown)\n", strings.Join(names, ", "))
	}
	options.Retries, options.Fallback = 0, nil // this endpoint alone, and without a pause
	model, err := p.access.Open(ctx, options, nil)
	if err != nil {
		return err
	}
	summary, finish, err := stream(ctx, model, request, io.Discard, silent())
	if failed := completion.AsError(err); failed != nil && failed.Kind == completion.NotFound && failed.Model != "" {
		p.nameModels(ctx, out, options)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "answer    %s\n", terminal.Line(summary.String()))
	if finish.Lumps > 0 {
		fmt.Fprintf(out, "stream    %s\n", completion.SentenceLumps(finish.Lumps))
	}
	return nil
}

// nameModels prints some of the models that the endpoint offers.
func (p *program) nameModels(ctx context.Context, out io.Writer, options *settings.Settings) {
	const some = 8
	names, err := p.access.Models(ctx, options)
	if err != nil || len(names) == 0 {
		return
	}
	list := strings.Join(names[:min(len(names), some)], ", ")
	if more := len(names) - some; more > 0 {
		list += fmt.Sprintf(" and %d more: llmls models", more)
	}
	fmt.Fprintf(out, "models    %s\n", terminal.Line(list))
}

// A local server is one that people run on their own machine.
type local struct{ name, address string }

// localTimeout is for a server on this machine to list its models.
const localTimeout = 500 * time.Millisecond

// listLocal prints the servers that listen here and how to use each. It reports
// whether there are any.
func (p *program) listLocal(ctx context.Context, out io.Writer) bool {
	servers := []local{
		{"Ollama", "127.0.0.1:11434"},
		{"llama.cpp", "127.0.0.1:8080"},
		{"LM Studio", "127.0.0.1:1234"},
		{"vLLM", "127.0.0.1:8000"},
	}
	lines := make([]string, len(servers))
	var all sync.WaitGroup
	for i, server := range servers {
		all.Go(func() { lines[i] = server.probe(ctx, p.access) })
	}
	all.Wait()
	found := strings.Join(lines, "")
	if found != "" {
		fmt.Fprintf(out, "\nOn this machine (keep what you want in your shell's profile, or as baseUrl and model in config.toml):\n%s", found)
	}
	return found != ""
}

// probe returns a line that configures the server, or "" if none of that kind
// listens there.
func (l local) probe(ctx context.Context, ac *access.Access) string {
	base := "http://" + l.address + "/v1"
	models, err := ac.ModelsAt(ctx, base, localTimeout)
	if err != nil {
		return ""
	}
	if len(models) == 0 {
		return fmt.Sprintf("  %-9s  listens at %s, but offers no model yet\n", l.name, l.address)
	}
	return fmt.Sprintf("  %-9s  %s\n", l.name, export(runtime.GOOS, base, models[0]))
}

// export is the line that sets both variables in the shell that people use on
// the operating system goos.
func export(goos, base, model string) string {
	if goos == "windows" { // PowerShell
		model = terminal.Line(model)
		return fmt.Sprintf("$env:OPENAI_BASE_URL = '%s'; $env:LLMLS_MODEL = '%s'", base, strings.NewReplacer("'", "''", "‘", "‘‘", "’", "’’", "‚", "‚‚", "‛", "‛‛").Replace(model))
	}
	return fmt.Sprintf("export OPENAI_BASE_URL=%s LLMLS_MODEL=%s", base, shellWord(model))
}

// shellWord quotes what a server calls its model, so that a POSIX shell takes it
// as one word and nothing else.
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
