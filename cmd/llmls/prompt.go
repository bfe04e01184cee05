package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/chat"
	"github.com/llmls/llmls/internal/prompts"
	"github.com/llmls/llmls/internal/settings"
	"github.com/llmls/llmls/internal/terminal"
	"github.com/llmls/llmls/internal/workspace"
)

func (p *program) newPrompt() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "prompt [NAME [FILE[:LINE[-LINE]]] [INPUT…]]",
		Short: "Ask the question of a prompt file, or list these files",
		Long: `Ask the question of a prompt of your own, with or without code. A prompt is a
Markdown file in prompts, beside config.toml. Without a name, list all prompts.

If the argument behind the name is a file, it is the code; otherwise the arguments are
the answer to what the prompt asks you.`,
		Example: `  llmls prompt
  llmls prompt --new review
  llmls prompt review main.go:10-40`,
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveDefault
			}
			own, _ := new(prompts.Library).Own(ownPrompts())
			var names []string
			for i := range own {
				names = append(names, own[i].Name)
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
	}
	fresh := cmd.Flags().String("new", "", "make a prompt of that `name` from a template, and print its path")
	dryRun, c := dryRunFlag(cmd), choiceFlags(cmd)
	cmd.Args = usage(func(_ *cobra.Command, args []string) error {
		switch {
		case *fresh != "" && len(args) > 0:
			return errors.New("--new takes the name alone")
		case *fresh == "" && cmd.Flags().Changed("new"):
			return errors.New("write a name behind --new")
		}
		return nil
	})
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		switch {
		case *fresh != "":
			return newPromptFile(cmd.OutOrStdout(), *fresh)
		case len(args) == 0:
			return p.listPrompts(cmd.OutOrStdout())
		}
		act := p.answer
		if *dryRun {
			act = p.preview
		}
		return p.runPrompt(cmd.Context(), c, args, act)
	}
	return cmd
}

// ownPrompts is the directory of the person's prompts.
func ownPrompts() string { return prompts.Dir(settings.Path(os.LookupEnv)) }

// allPrompts returns the person's prompts, those of the repository of the working
// directory, agreed to or not, and the files that cannot be read as prompts.
func allPrompts() (own, brought []prompts.Prompt, problems []prompts.Problem) {
	var library prompts.Library
	own, problems = library.Own(ownPrompts())
	if root := repositoryOf(nil); root != "" {
		list, more := library.Repository(root)
		brought, problems = list, append(problems, more...)
	}
	return own, brought, problems
}

func (p *program) sayNoPrompts(problems []prompts.Problem) {
	for i := range problems {
		p.say(problems[i].Sentence())
	}
}

// repositoryOf returns the repository of code, or of the working directory if it
// comes from no file; "" if there is none.
func repositoryOf(code *chat.Code) string {
	here, err := os.Getwd()
	if err != nil {
		return ""
	}
	file := filepath.Join(here, "x")
	if code != nil && code.Path != "" {
		if file, err = filepath.Abs(filepath.FromSlash(code.Path)); err != nil {
			return ""
		}
	}
	root, _ := workspace.RootOf(file, here)
	return root
}

// instructions adds the instructions for models of the repository of code, if the
// person agreed to them.
func (p *program) instructions(code *chat.Code, allow []string, conversation *chat.Conversation) {
	found, err := new(prompts.Library).Instructions(repositoryOf(code))
	if found == nil || err != nil {
		return
	}
	if _, err := maySend(&chat.Code{Path: filepath.ToSlash(found.Path)}, allow); err != nil {
		return
	}
	conversation.InstructionsFile = found.Name
	if p.access.MayUseFile(found.Repository, found.Path, found.Digest) {
		conversation.Instructions = found.Body
	} else {
		conversation.InstructionsWhy = completion.WhyFileNotAgreed
	}
}

func (p *program) listPrompts(out io.Writer) error {
	own, brought, problems := allPrompts()
	p.sayNoPrompts(problems)
	list := own
	var waiting []string
	for i := range brought {
		if b := &brought[i]; p.access.MayUseFile(b.Repository, b.Path, b.Digest) {
			list = append(list, *b)
		} else {
			waiting = append(waiting, b.Path)
		}
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for i := range list {
		fmt.Fprintf(w, "%s\t%s\t%s\n", terminal.Line(list[i].Name), terminal.Line(cmp.Or(list[i].Description, list[i].Title)), terminal.Line(list[i].Path))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, path := range waiting {
		p.say("not used until you agree to it with llmls trust: ", path)
	}
	if len(list) == 0 {
		p.say("there is no prompt in ", ownPrompts(), "; to make one, run: llmls prompt --new NAME")
	}
	return nil
}

// runPrompt calls act with the question of the prompt.
func (p *program) runPrompt(ctx context.Context, c *choice, args []string, act func(context.Context, *choice, *chat.Turn) error) error {
	found, err := p.findPrompt(args[0])
	if err != nil {
		return err
	}
	if found.Repository != "" {
		if _, err := maySend(&chat.Code{Path: filepath.ToSlash(found.Path)}, nil); err != nil {
			return err
		}
	}
	turn, rest := &chat.Turn{}, args[1:]
	if len(rest) > 0 && (namesCode(rest[0]) || !found.TakesInput()) {
		if turn.Code, err = readCode(rest[0]); err != nil {
			return err
		}
		rest = rest[1:]
	}
	input := strings.Join(rest, " ")
	if strings.TrimSpace(input) == "" && found.Input != "" {
		if input, err = p.askInput(found); err != nil {
			return err
		}
	}
	turn.Question = found.Question(input)
	chosen := *c
	if chosen.shown = found.Title; input != "" {
		chosen.shown += ": " + input
	}
	if chosen.endpoint == "" {
		chosen.endpoint, chosen.model = found.Endpoint, cmp.Or(chosen.model, found.Model)
	}
	return act(ctx, &chosen, turn)
}

// namesCode reports whether an argument means a file or standard input.
func namesCode(arg string) bool {
	if arg == "-" {
		return true
	}
	if _, err := os.Stat(arg); err == nil {
		return true
	}
	if m := regexp.MustCompile(`^(.+):\d+(?:-\d+)?$`).FindStringSubmatch(arg); m != nil {
		_, err := os.Stat(m[1])
		return err == nil
	}
	return false
}

// askInput has the person type what the prompt asks for.
func (p *program) askInput(found *prompts.Prompt) (string, error) {
	if !term.IsTerminal(int(os.Stdin.Fd())) {
		return "", &completion.Error{Kind: completion.BadRequest, Detail: completion.DetailPromptAsks(found.Name, found.Input)}
	}
	fmt.Fprint(p.screen, terminal.Line(found.Input)+" ")
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("reading the input: %w", err)
	}
	return strings.TrimSpace(line), nil
}

func (p *program) findPrompt(name string) (*prompts.Prompt, error) {
	own, brought, problems := allPrompts()
	var names []string
	for _, list := range [][]prompts.Prompt{own, brought} {
		for i := range list {
			found := &list[i]
			if found.Name != name {
				names = append(names, terminal.Line(found.Name))
				continue
			}
			if !p.access.MayUseFile(found.Repository, found.Path, found.Digest) {
				return nil, &completion.Error{Kind: completion.Blocked, Reason: completion.Withheld, Detail: completion.DetailFileNotAgreed(found.Path)}
			}
			return found, nil
		}
	}
	p.sayNoPrompts(problems) // it may be one of these
	return nil, &completion.Error{Kind: completion.BadRequest, Detail: completion.DetailNoPrompt(name, names, ownPrompts())}
}

// promptTemplate is the text of a new prompt.
const promptTemplate = `---
title: %s
# description: what it is for, in lists
# endpoint: the name of one in config.toml
# model: one that this endpoint has
# input: what to ask you first; ${input} below stands for what you type
---
Review this code. Name what is wrong, with its line, the gravest first.
`

// newPromptFile creates a prompt of that name. It fails if the file exists.
func newPromptFile(out io.Writer, name string) error {
	name = strings.TrimSuffix(name, ".md")
	if name != filepath.Base(name) || strings.HasPrefix(name, ".") || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7F }) {
		return usageError{fmt.Errorf("%q is no name for a prompt: it is that of a file, without its directory and without .md", name)}
	}
	dir := ownPrompts()
	if dir == "" {
		return errors.New("there is no place for prompts: set HOME or XDG_CONFIG_HOME to an absolute path")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("making a place for prompts: %w", err)
	}
	path := filepath.Join(dir, name+".md")
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already; edit it, or choose another name", path)
	}
	if err != nil {
		return fmt.Errorf("making a prompt: %w", err)
	}
	_, err = fmt.Fprintf(file, promptTemplate, name)
	if err := errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("making a prompt: %w", err)
	}
	_, err = fmt.Fprintln(out, path)
	return err
}
