//go:build reference

package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/cpuguy83/go-md2man/v2/md2man"
	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// newReference is the command that writes what packages install beside the
// binary. It is not in that binary: the tag "reference" adds it to one that is
// run once, from the root of the module, while packages are made.
func newReference(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:    "reference DIR",
		Short:  "Write man pages and shell completions into DIR",
		Hidden: true,
		Args:   usage(cobra.ExactArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error {
			root.DisableAutoGenTag = true // it has the date and the name of the library
			if err := writePages(root, filepath.Join(args[0], "man")); err != nil {
				return err
			}
			return writeCompletions(root, filepath.Join(args[0], "completions"))
		},
	}
}

// writePages writes llmls(1), a page for each command, and llmls-config(5).
// SOURCE_DATE_EPOCH is their date, so that they are the same each time.
func writePages(root *cobra.Command, dir string) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	header := &doc.GenManHeader{Section: "1", Source: "llmls", Manual: "llmls"}
	if err := doc.GenManTree(root, header, dir); err != nil {
		return err
	}
	if err := tidyOptions(dir); err != nil {
		return err
	}
	first := filepath.Join(dir, "llmls.1")
	page, err := os.ReadFile(first)
	if err != nil {
		return err
	}
	settings, err := os.ReadFile("docs/settings.md")
	if err != nil {
		return err
	}
	title := titleLine.FindSubmatch(page)
	if title == nil {
		return errors.New("llmls.1 has no title line")
	}
	_, around, _ := bytes.Cut(render(title[1], aroundCommands), []byte("\n.SH"))
	if err := os.WriteFile(first, append(append(page, "\n.SH"...), around...), 0o600); err != nil {
		return err
	}
	config := bytes.Replace(title[1], []byte(`"LLMLS" "1"`), []byte(`"LLMLS-CONFIG" "5"`), 1)
	return os.WriteFile(filepath.Join(dir, "llmls-config.5"), render(config, configPage(string(settings))), 0o600)
}

// tidyOptions makes tagged paragraphs of the options on the pages of dir, as
// man(7) has them, where cobra has lines with tabs and with defaults that say nothing.
func tidyOptions(dir string) error {
	pages, err := filepath.Glob(filepath.Join(dir, "*.1"))
	if err != nil {
		return err
	}
	for _, name := range pages {
		page, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		tidy := option.ReplaceAllFunc(page, func(found []byte) []byte {
			parts := option.FindSubmatch(found)
			flag, value, what := parts[1], parts[2], parts[3]
			kind := []byte("string")
			if named := operand.FindSubmatch(what); named != nil {
				kind = named[1]
			}
			value = bytes.TrimSuffix(value, []byte("[=false]"))
			value = bytes.Replace(value, []byte(`""`), fmt.Appendf(nil, `\fI%s\fP`, kind), 1)
			return fmt.Appendf(nil, ".TP\n%s%s\n%s", flag, value, what)
		})
		if err := os.WriteFile(name, tidy, 0o600); err != nil {
			return err
		}
	}
	return nil
}

var (
	option  = regexp.MustCompile(`(?m)(?:^\.PP\n)?^(\\fB-.*\\fP)(.*)\n\t(.*)$`)
	operand = regexp.MustCompile(`\\fB(.+?)\\fR`)
)

var titleLine = regexp.MustCompile(`(?m)^\.TH (.*)$`)

// render makes a manual page of Markdown. The title is what follows .TH.
func render(title []byte, markdown string) []byte {
	return md2man.Render(fmt.Appendf(nil, "%% %s\n%s", title, markdown))
}

// aroundCommands is the part of llmls(1) that is not about commands.
const aroundCommands = `
# EXIT STATUS

0 if it was done, 1 if it failed, 2 if the command line cannot be understood, 130 if it was stopped.
The language server exits with 0 after the requests shutdown and exit, and with 1 without the first.

# FILES

~/.config/llmls/config.toml
:   The settings, see **llmls-config(5)**; $XDG_CONFIG_HOME moves it.

~/.local/state/llmls/
:   Conversations, the log, what was agreed to, and keys in files; $XDG_STATE_HOME moves it.

# ENVIRONMENT

OPENAI_API_KEY, OPENAI_BASE_URL, LLMLS_MODEL and the others are listed in **llmls-config(5)**.
`

var (
	comment = regexp.MustCompile(`(?s)<!--.*?-->\n*`)
	link    = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
	index   = regexp.MustCompile(`(?m)^\| setting \|(.*\n)+?\n`)
	heads   = regexp.MustCompile(`(?m)^\| \w+ \|.*\n\| ---.*\n`)
	row     = regexp.MustCompile(`(?m)^\| (.+?) \| (.+) \|$`)
	heading = regexp.MustCompile("(?m)^#(#+) (.*)$")
)

// configPage makes a manual page, in Markdown, of the page about the settings:
// tables become lists, and links lose their addresses.
func configPage(settings string) string {
	_, text, _ := strings.Cut(comment.ReplaceAllString(settings, ""), "\n")
	text = index.ReplaceAllString(text, "") // each has a section below
	text = heads.ReplaceAllString(text, "")
	text = link.ReplaceAllString(text, "$1")
	text = row.ReplaceAllString(text, "$1\n:   $2\n")
	text = heading.ReplaceAllStringFunc(text, func(line string) string {
		marks, words, _ := strings.Cut(line, " ")
		words = strings.ReplaceAll(words, "`", "")
		if marks == "##" {
			return "# " + strings.ToUpper(words)
		}
		return "### " + words // a subsection, for md2man
	})
	return fmt.Sprintf("# NAME\n\nllmls-config - the settings of llmls\n\n# DESCRIPTION\n%s\n# SEE ALSO\n\n**llmls(1)**, **llmls-settings(1)**\n", text)
}

// writeCompletions writes a script for each shell, under the name that the
// shell looks for.
func writeCompletions(root *cobra.Command, dir string) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	for name, write := range map[string]func(string) error{
		"llmls":      func(path string) error { return root.GenBashCompletionFileV2(path, true) },
		"_llmls":     root.GenZshCompletionFile,
		"llmls.fish": func(path string) error { return root.GenFishCompletionFile(path, true) },
		"llmls.ps1":  root.GenPowerShellCompletionFileWithDesc,
	} {
		if err := write(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return nil
}
