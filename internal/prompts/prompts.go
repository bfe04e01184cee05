// Package prompts reads prompts: Markdown files, of a person or a repository, whose
// text is a question. It knows the form of the files, and nothing of endpoints,
// editors or consent.
package prompts

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/llmls/llmls/internal/completion/safety"
)

const (
	// MaxFile is how long a file may be, in bytes: about 8,000 tokens, half of what
	// a whole request may have unless the settings say otherwise.
	MaxFile = 32 << 10
	// maxLine bounds a value of the front matter, in bytes: it stands in a menu or
	// in a dialog.
	maxLine = 500
	// placeholder stands in the text for what the person typed.
	placeholder = "${input}"
)

// A Prompt is one file. In its texts, control characters are removed and invisible
// characters are spelt out, as in "\u{202E}".
type Prompt struct {
	Name        string // of the file, without its extension
	Title       string // for a menu; the name, unless the file has one
	Description string // "" if the file has none
	Endpoint    string // that is to be asked, by its name; "" leaves it to the settings
	Model       string // that is to be asked; "" leaves it to the settings
	Input       string // the question to ask the person first; "" for none
	Body        string // what is asked
	Text        string // of the whole file, with invisible characters spelt out
	Path        string // of the file, in the form of the operating system
	Repository  string // the directory whose repository the file belongs to; "" if it is the person's own
	Digest      string // SHA-256 of the whole file, in hexadecimal: consent is to exactly this content
}

// TakesInput reports whether what a person types has a place in the prompt.
func (p *Prompt) TakesInput() bool { return p.Input != "" || strings.Contains(p.Body, placeholder) }

// Question returns the text with input in place of ${input}, or below the text if
// that has no ${input}.
func (p *Prompt) Question(input string) string {
	input = strings.TrimSpace(input)
	switch {
	case strings.Contains(p.Body, placeholder):
		return strings.TrimSpace(strings.ReplaceAll(p.Body, placeholder, input))
	case input != "":
		return p.Body + "\n\n" + input
	default:
		return p.Body
	}
}

// A form is the kind of a file, which decides what its front matter may hold.
type form int

const (
	// own is a file of the person's.
	own form = iota
	// repository is a file of a repository for llmls. It chooses neither endpoint
	// nor model.
	repository
	// foreign is a file of a repository for other programs too, which have names
	// of their own in the front matter.
	foreign
)

// errTooLong is the error for a file longer than MaxFile.
var errTooLong = fmt.Errorf("it has more than %d KiB; shorten it", MaxFile>>10)

// errChooses is the error for a repository's prompt that names an endpoint.
var errChooses = errors.New("a repository's prompt cannot choose an endpoint; remove that line")

// parse reads the text of a file called name. The error is for a person: what is
// wrong, and on which line.
func parse(name string, data []byte, f form) (*Prompt, error) {
	switch {
	case len(data) > MaxFile:
		return nil, errTooLong
	case !utf8.Valid(data):
		return nil, errors.New("it is not UTF-8 text; save it as that")
	}
	text := strings.ReplaceAll(strings.TrimPrefix(string(data), "\uFEFF"), "\r\n", "\n")
	text = safety.Visible(strings.ReplaceAll(text, "\r", "\n"))
	p := &Prompt{Name: name, Title: safety.Visible(name), Text: strings.TrimSpace(text)}
	body, err := p.frontMatter(text, f)
	if err != nil {
		return nil, err
	}
	switch p.Body = strings.TrimSpace(body); {
	case p.Body == "":
		return nil, errors.New("it asks nothing; write the question below the front matter")
	case len(p.Body) > MaxFile: // invisible characters that are spelt out make it longer
		return nil, errTooLong
	}
	return p, nil
}

// frontMatter reads what stands between two lines of --- at the beginning, and
// returns the rest.
func (p *Prompt) frontMatter(text string, f form) (body string, err error) {
	lines := strings.SplitAfter(text, "\n")
	if !isFence(lines[0]) {
		return text, nil
	}
	for i, line := range lines[1:] {
		if isFence(line) {
			return strings.Join(lines[i+2:], ""), nil
		}
		if err := p.set(strings.TrimSuffix(line, "\n"), f); err != nil {
			return "", fmt.Errorf("line %d: %w", i+2, err)
		}
	}
	return "", errors.New("its front matter begins on line 1 and has no end; put a line of --- below it")
}

func isFence(line string) bool { return strings.TrimRight(line, " \t\n") == "---" }

// set takes one line of the front matter. Lists and other lines of a foreign file are
// ignored.
func (p *Prompt) set(line string, f form) error {
	trimmed := strings.TrimSpace(line)
	if trimmed == "" || trimmed[0] == '#' {
		return nil
	}
	key, value, ok := strings.Cut(trimmed, ":")
	if f == foreign && (!ok || line[0] == ' ' || line[0] == '\t' || line[0] == '-') {
		return nil
	}
	if !ok {
		return errors.New("write it as key: value")
	}
	value = unquote(strings.TrimSpace(value))
	if len(value) > maxLine {
		return fmt.Errorf("%s has more than %d bytes; shorten it", short(key), maxLine)
	}
	switch key = strings.TrimSpace(key); key {
	case "title":
		if value != "" {
			p.Title = value
		}
	case "description":
		p.Description = value
	case "input":
		p.Input = value
	case "model":
		if f == own {
			p.Model = value
		}
	case "endpoint":
		if f != own && value != "" {
			return errChooses
		}
		p.Endpoint = value
	default:
		if f != foreign {
			return fmt.Errorf("a prompt has no %s; it has title, description, endpoint, model and input", short(key))
		}
	}
	return nil
}

func short(key string) string {
	const limit = 40
	if r := []rune(key); len(r) > limit {
		key = string(r[:limit]) + "…"
	}
	return fmt.Sprintf("%q", key)
}

// unquote removes quotation marks as YAML does.
func unquote(s string) string {
	if n := len(s); n >= 2 && (s[0] == '"' || s[0] == '\'') && s[n-1] == s[0] {
		return s[1 : n-1]
	}
	return s
}
