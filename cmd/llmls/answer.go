package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/chat"
	"github.com/llmls/llmls/internal/completion/openai"
	"github.com/llmls/llmls/internal/completion/safety"
	"github.com/llmls/llmls/internal/lsp/settings"
	"github.com/llmls/llmls/internal/terminal"
)

func newExplain() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "explain FILE[:LINE[-LINE]]",
		Short: "Explain a file, or some lines of it, as the answer arrives",
		Example: `  llmls explain internal/sse/decoder.go:10-40
  llmls explain --dry-run main.go:3`,
		Args: usage(func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("explain needs one file")
			}
			return nil
		}),
	}
	dryRun := dryRunFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		act := answer
		if *dryRun {
			act = preview
		}
		code, err := readCode(args[0])
		if err != nil {
			return err
		}
		return act(cmd.Context(), &chat.Turn{Code: code})
	}
	return cmd
}

func newAsk() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "ask [-f FILE[:LINE[-LINE]]] QUESTION…",
		Short: "Ask a question, about some code or about nothing",
		Example: `  llmls ask -f main.go:12 "can this be nil?"
  git diff | llmls ask -f - "what could this break?"`,
		Args: usage(func(_ *cobra.Command, args []string) error {
			if strings.TrimSpace(strings.Join(args, "")) == "" {
				return errors.New("ask needs a question")
			}
			return nil
		}),
	}
	file := cmd.Flags().StringP("file", "f", "", "the code the question is about; - reads it from standard input")
	dryRun := dryRunFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		act := answer
		if *dryRun {
			act = preview
		}
		turn := &chat.Turn{Question: strings.Join(args, " ")}
		if *file != "" {
			code, err := readCode(*file)
			if err != nil {
				return err
			}
			turn.Code = code
		}
		return act(cmd.Context(), turn)
	}
	return cmd
}

func dryRunFlag(cmd *cobra.Command) *bool {
	return cmd.Flags().Bool("dry-run", false, "print the request body that would be sent, and send nothing")
}

// answer asks the model and shows what it says on standard output.
func answer(ctx context.Context, turn *chat.Turn) error {
	options, prompt, request, err := prepare(turn)
	if err != nil {
		return err
	}
	endpoint, err := keys().Endpoint(ctx, options)
	if err != nil {
		return err
	}
	client := openai.NewClient()
	defer client.Close()
	model, err := client.Model(endpoint)
	if err != nil {
		return err
	}
	return show(ctx, safety.Answers(completion.WithRetries(model, options.Retries)), request, prompt.Secrets)
}

// preview prints the body of the request that answer would send.
func preview(_ context.Context, turn *chat.Turn) error {
	options, _, request, err := prepare(turn)
	if err != nil {
		return err
	}
	endpoint, _, err := keys().Preview(options)
	if err != nil {
		return err
	}
	_, body, err := openai.NewClient().Body(endpoint, request)
	if err != nil {
		return err
	}
	_, err = fmt.Printf("%s\n", body)
	return err
}

// prepare makes the request out of the turn and the user's settings, and tells
// what it left out.
func prepare(turn *chat.Turn) (*settings.Settings, *settings.Prompt, *completion.Request, error) {
	user, problems := settings.LoadUser(os.LookupEnv)
	if err := warn(problems); err != nil {
		return nil, nil, nil, err
	}
	options := settings.Resolve(user...)
	if err := mayLeave(turn.Code, options.Context.Allow); err != nil {
		return nil, nil, nil, err
	}
	prompt, request, err := keys().Request(&options, turn, nil)
	if err != nil {
		return nil, nil, nil, err
	}
	for _, left := range prompt.LeftOut {
		fmt.Fprintf(stderr(), "llmls: left out %s: %s\n", left.What, left.Why)
	}
	return &options, prompt, request, nil
}

// show streams the answer to standard output and what there is to say about it
// to standard error; secrets is how many were left out.
func show(ctx context.Context, model completion.Model, request *completion.Request, secrets int) error {
	waiting := silent()
	if term.IsTerminal(int(os.Stderr.Fd())) {
		status := terminal.StartStatus(stderr(), request.Model, terminal.Width(os.Stderr))
		defer status.Stop()
		waiting = watcher{retrying: status.Retrying, text: status.Stop}
	}
	out := terminal.Open(os.Stdout, os.Getenv)
	summary, finish, err := stream(ctx, model, request, out, waiting)
	if closed := out.Close(); err == nil {
		err = closed
	}
	waiting.text()
	var failed *completion.Error
	switch {
	case ctx.Err() != nil:
		fmt.Fprintln(stderr(), "stopped")
		return exitError(exitStopped)
	case errors.As(err, &failed) && summary.FirstDelta > 0:
		fmt.Fprintln(stderr(), "llmls:", failed.IncompleteSentence())
		return exitError(exitFailed)
	case err != nil:
		return err
	}
	if term.IsTerminal(int(os.Stdout.Fd())) {
		fmt.Fprintln(stderr())
	}
	if sentence := finish.Sentence(); sentence != "" {
		fmt.Fprintln(stderr(), "llmls:", sentence)
	}
	summary.Secrets = secrets
	fmt.Fprintln(stderr(), footer(summary))
	return nil
}

func footer(s completion.Summary) string {
	text := terminal.Line(s.String())
	if term.IsTerminal(int(os.Stderr.Fd())) && os.Getenv("NO_COLOR") == "" {
		return terminal.Dim(text)
	}
	return text
}

// A watcher is told what there is to see before the first word.
type watcher struct {
	retrying func(*completion.Retry)
	text     func() // the first word is here, or there will be none
}

func silent() watcher { return watcher{retrying: func(*completion.Retry) {}, text: func() {}} }

// stream writes the answer's text to out, piece by piece as it arrives. The
// summary tells of a broken answer, too; the finish is nil then.
func stream(ctx context.Context, model completion.Model, request *completion.Request, out io.Writer, wait watcher) (completion.Summary, *completion.Finish, error) {
	started := time.Now()
	summary := completion.Summary{Model: request.Model}
	var text []byte
	var finish *completion.Finish
	for event, err := range model.Stream(ctx, request) {
		if err != nil {
			return summary, nil, err
		}
		switch event.Kind {
		case completion.Retrying:
			wait.retrying(keys().RedactRetry(event.Retry))
		case completion.Delta:
			if text = append(text, event.Text...); summary.FirstDelta == 0 {
				wait.text()
				summary.FirstDelta = time.Since(started)
			}
			if _, err := out.Write(event.Text); err != nil {
				return summary, nil, err
			}
		case completion.Finished:
			if finish = event.Finish; len(text) == 0 {
				return summary, nil, completion.NoTextError(finish, request)
			}
			if finish.Model != "" {
				summary.Model = finish.Model
			}
			if finish.Usage != nil {
				summary.Tokens = finish.Usage.CompletionTokens
			}
		}
	}
	if summary.Tokens == 0 {
		summary.Tokens, summary.Estimated = chat.EstimateTokens(string(text)), true
	}
	summary.Total = time.Since(started)
	return summary, finish, nil
}
