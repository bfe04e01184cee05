package main

import (
	"fmt"
	"io"
	"os"

	"github.com/llmls/llmls/internal/access"
	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/settings"
	"github.com/llmls/llmls/internal/terminal"
)

// A program is what the commands of one run share. There is one Access, so that
// whatever is printed can be kept free of each key that was found.
type program struct {
	access *access.Access
	// screen is standard error without secrets, for what llmls itself draws there.
	screen io.Writer
	// stderr is screen for messages to a person, without what a terminal would act
	// on. Each Write is one line or more, never a part of one.
	stderr io.Writer
}

func newProgram() *program {
	ac := access.New(os.LookupEnv)
	screen := ac.Redactor().Writer(os.Stderr)
	return &program{access: ac, screen: screen, stderr: terminal.Clean(screen)}
}

// say tells the person something in one line.
func (p *program) say(what ...any) {
	fmt.Fprintln(p.stderr, "llmls:", terminal.Line(fmt.Sprint(what...)))
}

// load reads the user's settings and tells the person what is wrong with them;
// the valid ones are used.
func (p *program) load() (*settings.Settings, error) {
	user, problems := settings.LoadUser(os.LookupEnv)
	options := settings.Resolve(user...)
	return &options, p.warn(problems)
}

func (p *program) warn(problems []settings.Problem) error {
	if len(problems) == 0 {
		return nil
	}
	_, err := fmt.Fprintln(p.stderr, "llmls:", terminal.Line(settings.Sentence(problems)))
	return err
}

// tell tells the person why nothing was or would be sent.
func (p *program) tell(failed *completion.Error) {
	p.say(failed.Sentence())
}
