//go:build linux

// Record runs a command in a terminal and keeps what a person would have seen:
// an asciicast, and the same as an animated SVG for the README.
//
//	go run ./test/record -o docs/demo -- llmls demo
//
// Nothing is typed or retouched: the times and the bytes are the command's.
// Only pauses longer than two seconds are shortened.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
)

// largest is how many bytes the SVG may have: it is loaded with the README.
const largest = 200_000

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "record:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	flags := flag.NewFlagSet("record", flag.ContinueOnError)
	out := flags.String("o", "", "`path` of the recording, without .cast and .svg")
	shown := flags.String("shown", "", "the `command` line to show (default: the one that runs)")
	columns := flags.Int("columns", 96, "width of the terminal")
	rows := flags.Int("rows", 44, "height of the terminal; the picture is as high as what is used")
	if err := flags.Parse(args); err != nil {
		return err
	}
	command := flags.Args()
	if *out == "" || len(command) == 0 {
		return errors.New("usage: record -o PATH -- COMMAND [ARGUMENT…]")
	}
	if *shown == "" {
		*shown = strings.Join(command, " ")
	}

	events, err := inTerminal(command, *columns, *rows)
	if err != nil {
		return fmt.Errorf("recording %q: %w", command, err)
	}
	c := &cast{columns: *columns, rows: *rows, title: *shown, events: shorten(events)}
	c.events = append([]event{{text: "\x1b[1;32m$\x1b[0m " + *shown + "\r\n"}}, c.events...)
	if err := os.WriteFile(*out+".cast", c.bytes(), 0o644); err != nil {
		return err
	}
	picture := render(c, largest)
	if err := os.WriteFile(*out+".svg", picture, 0o644); err != nil {
		return err
	}
	fmt.Printf("%s.cast, %s.svg: %v, %d bytes\n", *out, *out, c.length(), len(picture))
	return nil
}
