// Mkgguf writes tiny language models whose answer is known to the byte, so
// that the end-to-end tests can say what a real llama-server must stream.
//
// A model has one layer of zero weights, so what comes out depends on the last
// token alone: every token of the prompt leads to the first piece of the
// script, each piece to the next, and the last one to the end of the answer,
// or back to the start with -loop. The same script gives the same file.
package main

//go:generate go run . -script ../models/script.txt -o ../models/scripted.gguf
//go:generate go run . -script ../models/script.txt -loop -o ../models/scripted-loop.gguf
//go:generate go run . -script ../models/script-think.txt -template ../models/chat.jinja -o ../models/scripted-think.gguf
//go:generate go run . -script ../models/script-tool.txt -template ../models/chat.jinja -o ../models/scripted-tool.gguf

import (
	"errors"
	"flag"
	"fmt"
	"os"
)

// plainTemplate joins the turns: what the prompt says does not matter to a
// scripted model.
const plainTemplate = "{% for m in messages %}{{ m['content'] }}\n{% endfor %}"

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "mkgguf:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	flags := flag.NewFlagSet("mkgguf", flag.ContinueOnError)
	script := flags.String("script", "", "`file` with the text the model answers")
	template := flags.String("template", "", "`file` with its chat template (default: the turns, joined)")
	loop := flags.Bool("loop", false, "start again at the end: an answer without end")
	out := flags.String("o", "", "`file` to write")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *script == "" || *out == "" {
		return errors.New("-script and -o are needed")
	}

	text, err := os.ReadFile(*script)
	if err != nil {
		return err
	}
	tmpl := []byte(plainTemplate)
	if *template != "" {
		if tmpl, err = os.ReadFile(*template); err != nil {
			return err
		}
	}
	after := end
	if *loop {
		after = start
	}
	return os.WriteFile(*out, model(string(text), string(tmpl), after), 0o644)
}
