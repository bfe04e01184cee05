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
	"github.com/llmls/llmls/internal/settings"
	"github.com/llmls/llmls/internal/terminal"
)

func (p *program) newExplain() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "explain {FILE[:LINE[-LINE]] | --diff [REV]}",
		Short: "Explain a file, some lines of it or what changed, as the answer arrives",
		Example: `  llmls explain main.go:10-40
  llmls explain --dry-run main.go:3
  llmls explain --diff
  llmls explain --diff main`,
	}
	diff := cmd.Flags().Bool("diff", false, "explain what changed since the last commit, or since the revision REV")
	cmd.Args = usage(func(_ *cobra.Command, args []string) error {
		switch {
		case *diff && len(args) > 1:
			return errors.New("explain --diff takes one revision")
		case *diff && strings.ContainsAny(strings.Join(args, ""), "\"\n"):
			return errors.New("this is no revision")
		case !*diff && len(args) != 1:
			return errors.New("explain needs one file")
		}
		return nil
	})
	cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
		if *diff { // a revision
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return completeCode(cmd, args, word)
	}
	dryRun, c := dryRunFlag(cmd), choiceFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		act := p.answer
		if *dryRun {
			act = p.preview
		}
		if *diff {
			return act(cmd.Context(), c, &chat.Turn{Question: chat.ExplainChanges(strings.Join(args, ""))})
		}
		code, err := readCode(args[0])
		if err != nil {
			return err
		}
		return act(cmd.Context(), c, &chat.Turn{Code: code})
	}
	return cmd
}

func (p *program) newAsk() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "ask [-f FILE[:LINE[-LINE]]] QUESTION…",
		Short: "Ask a question, with or without code",
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
	_ = cmd.RegisterFlagCompletionFunc("file", func(cmd *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
		return completeCode(cmd, nil, word)
	})
	dryRun, c := dryRunFlag(cmd), choiceFlags(cmd)
	goOn := continueFlag(cmd, p, c)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		act := p.answer
		if *dryRun {
			act = p.preview
		}
		args, err := goOn(args)
		if err != nil {
			return err
		}
		turn := &chat.Turn{Question: strings.Join(args, " ")}
		if *file != "" {
			code, err := readCode(*file)
			if err != nil {
				return err
			}
			turn.Code = code
		}
		return act(cmd.Context(), c, turn)
	}
	return cmd
}

func dryRunFlag(cmd *cobra.Command) *bool {
	return cmd.Flags().Bool("dry-run", false, "print the request body that would be sent, and send nothing")
}

// answer asks the model and shows what it says on standard output.
func (p *program) answer(ctx context.Context, c *choice, turn *chat.Turn) error {
	options, err := p.options(c, turn)
	if err != nil {
		return err
	}
	model, err := p.access.Open(ctx, options, nil) // before the prompt, which must not hold the key
	if err != nil {
		return err
	}
	file := ""
	if turn.Code != nil {
		file = turn.Code.Path
	}
	prompt, request, err := p.prepare(ctx, options, c, turn)
	if err != nil {
		return err
	}
	return p.show(ctx, model, options.Endpoint, request, prompt.Secrets, p.keep(options, c, turn, file, prompt))
}

// preview prints the body of the request that answer would send.
func (p *program) preview(ctx context.Context, c *choice, turn *chat.Turn) error {
	options, err := p.options(c, turn)
	if err != nil {
		return err
	}
	p.access.Learn(ctx, options)
	prompt, request, err := p.prepare(ctx, options, c, turn)
	if err != nil {
		return err
	}
	for _, piece := range prompt.Related {
		p.say("with it goes ", piece.Place(), ": ", piece.Why)
	}
	dry, err := p.access.DryRun(options, request)
	if err != nil {
		return err
	}
	if dry.Undecided != nil {
		p.tell(completion.AsError(dry.Undecided))
	}
	_, err = fmt.Printf("%s\n", dry.Body)
	return err
}

// options returns the user's settings for what was chosen. It fails if they keep
// the turn's code here.
func (p *program) options(c *choice, turn *chat.Turn) (*settings.Settings, error) {
	options, err := p.loadFor(c)
	if err != nil {
		return nil, err
	}
	notes, err := maySend(turn.Code, options.Context.Allow)
	for _, note := range notes {
		p.say(note)
	}
	if err == nil {
		err = mayGoOn(c.earlier, options.Context.Allow)
	}
	return options, err
}

// prepare assembles the request for the turn, and tells the person what was left
// out.
func (p *program) prepare(ctx context.Context, options *settings.Settings, c *choice, turn *chat.Turn) (*chat.Prompt, *completion.Request, error) {
	mentioned, notes, err := readMentions(ctx, turn, options)
	paths, more := findRelated(ctx, turn.Code, options)
	c.mentioned, c.related = mentioned, paths
	for _, note := range append(notes, more...) {
		p.say(note)
	}
	if err != nil {
		return nil, nil, err
	}
	var history []completion.Message
	if c.earlier != nil {
		history = c.earlier.Messages()
	}
	conversation := options.Conversation(history, p.access.Secrets(options))
	if options.Context.Instructions {
		p.instructions(turn.Code, options.Context.Allow, conversation)
	}
	if turn.Code != nil && turn.Code.Path != "" {
		turn.Code.Path = shownPath(turn.Code.Path)
	}
	prompt, err := chat.Assemble(turn, conversation)
	if err != nil {
		return nil, nil, err
	}
	for _, left := range prompt.LeftOut {
		p.say("left out ", left.What, ": ", left.Why)
	}
	return prompt, options.Request(prompt.Messages), nil
}

// show streams the answer to standard output and what there is to say about it
// to standard error; endpoint is the one that is asked, secrets how many were
// left out.
func (p *program) show(ctx context.Context, model completion.Model, endpoint string, request *completion.Request, secrets int, kept *keptAnswer) error { //nolint:revive // what one answer needs
	waiting := silent()
	if term.IsTerminal(int(os.Stderr.Fd())) {
		status := terminal.StartStatus(p.screen, request.Model, terminal.Width(os.Stderr))
		defer status.Stop()
		waiting = watcher{retrying: status.Retrying, text: status.Stop}
	}
	refiled := false
	waiting.refiled = func() {
		refiled = true
		kept.refiled()
	}
	out := terminal.Open(os.Stdout, os.Getenv)
	lines := &lineEnd{Writer: out}
	summary, finish, err := stream(ctx, model, request, kept.beside(lines), waiting)
	kept.end(summary, finish)
	if closed := out.Close(); err == nil {
		err = closed
	}
	waiting.text()
	if summary.FirstDelta > 0 && (term.IsTerminal(int(os.Stdout.Fd())) || lines.open && sharesScreen()) {
		fmt.Fprintln(p.screen) // what reads the answer may print it on this terminal
	}
	var failed *completion.Error
	switch {
	case ctx.Err() != nil:
		fmt.Fprintln(p.stderr, "stopped")
		return exitError(exitStopped)
	case errors.As(err, &failed) && summary.FirstDelta > 0:
		p.say(failed.IncompleteSentence())
		return exitError(exitFailed)
	case err != nil:
		return err
	}
	if refiled {
		p.say(completion.SentenceRefiled)
	}
	if summary.Instead != nil {
		p.say(summary.Instead.SentenceInstead(endpoint))
	}
	if sentence := finish.Sentence(); sentence != "" {
		p.say(sentence)
	}
	summary.Secrets = secrets
	fmt.Fprintln(p.screen, footer(summary))
	return nil
}

// sharesScreen reports whether what standard error says may end up behind the
// answer: on a terminal, or in the same pipe or file.
func sharesScreen() bool {
	out, outErr := os.Stdout.Stat()
	same, sameErr := os.Stderr.Stat()
	return term.IsTerminal(int(os.Stderr.Fd())) || outErr == nil && sameErr == nil && os.SameFile(out, same)
}

// A lineEnd is a Writer that records whether the last line has no line feed yet.
type lineEnd struct {
	io.Writer
	open bool
}

func (l *lineEnd) Write(p []byte) (int, error) {
	if len(p) > 0 {
		l.open = p[len(p)-1] != '\n'
	}
	return l.Writer.Write(p)
}

func footer(s completion.Summary) string {
	text := terminal.Line(s.String())
	if term.IsTerminal(int(os.Stderr.Fd())) && os.Getenv("NO_COLOR") == "" {
		return terminal.Dim(text)
	}
	return text
}

// A watcher receives events beside the text.
type watcher struct {
	retrying func(*completion.Retry)
	text     func() // the first word is here, or there will be none
	refiled  func() // what was printed was thinking
}

func silent() watcher {
	return watcher{retrying: func(*completion.Retry) {}, text: func() {}, refiled: func() {}}
}

// stream writes the answer's text to out, piece by piece as it arrives. The
// summary is also returned for a broken answer; the finish is nil then.
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
			if wait.retrying(event.Retry); event.Retry.Endpoint != "" {
				instead := *event.Retry
				summary.Model, summary.Instead = instead.Model, &instead
			}
		case completion.Delta:
			if text = append(text, event.Text...); summary.FirstDelta == 0 {
				wait.text()
				summary.FirstDelta = time.Since(started)
			}
			if _, err := out.Write(event.Text); err != nil {
				return summary, nil, err
			}
		case completion.Refiled:
			text = nil
			wait.refiled()
			if _, err := io.WriteString(out, "\n\n---\n\n"); err != nil { // what was printed stays
				return summary, nil, err
			}
		case completion.Finished:
			if finish = event.Finish; len(text) == 0 {
				return summary, nil, completion.NoTextError(finish, request)
			}
			if finish.Model != "" {
				summary.Model = finish.Model
			}
			summary.Count(finish.Usage)
		}
	}
	if summary.Tokens == 0 {
		summary.Tokens, summary.Estimated = chat.EstimateTokens(string(text)), true
	}
	summary.Total = time.Since(started)
	return summary, finish, nil
}
