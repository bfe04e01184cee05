package settings

import (
	"errors"
	"fmt"
	"strings"
)

// A Problem is one thing wrong with the settings. Its texts name types and
// keys, never a value, which might be a secret.
type Problem struct {
	Source string // the file, the variable or the origin's name
	Key    string // the setting; "" if the whole source is unusable
	Detail string // what was expected and found, and what comes of it
}

// String returns p as a sentence for a person.
func (p Problem) String() string {
	if p.Key == "" {
		return p.Source + ": " + p.Detail
	}
	return p.Key + " (" + p.Source + "): " + p.Detail
}

// maxTold is how many problems Sentence lists: an editor shows a few rows.
const maxTold = 8

// Sentence joins problems into one message for a person, "" if there are none.
// A problem that was found twice is listed once.
func Sentence(problems []Problem) string {
	if len(problems) == 0 {
		return ""
	}
	return "Correct your settings: " + list(problems)
}

// list renders each problem once, as a sentence.
func list(problems []Problem) string {
	var told []string
	seen := make(map[Problem]bool, len(problems))
	for _, p := range problems {
		if !seen[p] && len(seen) < maxTold {
			sentence := p.String()
			if !strings.HasSuffix(sentence, "?") {
				sentence += "."
			}
			told = append(told, sentence)
		}
		seen[p] = true
	}
	if more := len(seen) - maxTold; more > 0 {
		told = append(told, fmt.Sprintf("And %d more.", more))
	}
	return strings.Join(told, " ")
}

// The texts of Problems.
const (
	detailNotJSON        = "this is not JSON, so nothing in it counts"
	detailUserOnly       = "an editor cannot set this, because a repository's settings could then; put it into config.toml"
	detailKeyIsNoSetting = "a key is never a setting; put it into the environment variable that apiKeyEnv names, or let apiKeyCommand print it"
	detailTopLevelOnly   = "endpoints have no such setting of their own; write it above all tables, where it holds for all of them"
	detailUnreadable     = "the file cannot be read, so nothing in it counts; correct its permissions"
	detailNotAFile       = "this is not a regular file, so it is not read; put a file there"
	detailTooLarge       = "the file is larger than 1 MiB, so nothing in it counts; shorten it"
)

// The texts of Problems about endpoints.
const (
	detailDefaultEndpoint = "this is the endpoint that the settings above all tables describe; write them there, or choose another name"
	detailEndpointName    = "the name of an endpoint is one line of at most 64 bytes, without spaces around it"
	detailEndpointBase    = "an endpoint needs a baseUrl"
	detailAddressIsNoName = "expected the name of an endpoint, found an address; did you mean baseUrl?"
)

func notEndpoints(v any) string {
	return "expected a table for each endpoint, [endpoints.NAME], found " + typeName(v)
}

// noEndpointCalled is the text for a name that no endpoint has; known are the names
// that exist.
func noEndpointCalled(name string, known []string) string {
	return fmt.Sprintf("no endpoint is called %s; there is %s", shownEndpoint(name), strings.Join(known, ", "))
}

// notTOML is the text for a file that is not TOML. If the line has a backslash, the
// usual cause is a Windows path.
func notTOML(line, column int, file string) string {
	text, next := lineOf(file, line), "correct it there"
	if quote := strings.IndexByte(text, '"'); quote >= 0 && strings.Contains(text[quote:], `\`) {
		next = `write what has a backslash in single quotes, such as 'C:\llmls\ca.pem'`
	}
	return fmt.Sprintf("line %d, column %d is not TOML, so nothing in the file counts; %s", line, column, next)
}

// lineOf returns a line of text, counted from 1.
func lineOf(text string, line int) string {
	for content := range strings.Lines(text) {
		if line--; line == 0 {
			return content
		}
	}
	return ""
}

func notAnObject(v any) string {
	return "expected an object of settings, found " + typeName(v) + "; nothing in it counts"
}

func unknownSetting(near string) string {
	if near == "" {
		return "there is no such setting; see docs/settings.md for those there are"
	}
	return "there is no such setting; did you mean " + near + "?"
}

// errBackslash is for patterns that part directories as Windows does.
var errBackslash = errors.New("a pattern has a backslash, which does not part directories there and allows nothing; write / (C:/keys/*.pem)")

// errSurrounded is for patterns that have more than a name.
var errSurrounded = errors.New("a pattern has ./, ~/, {,}, a comment, quotation marks, white space or an invisible character, which count as part of the name there and allow nothing; write the name alone")

func kept(err error) string { return err.Error() + "; it keeps its earlier value" }

func expected(what string, v any) error {
	return errors.New("expected " + what + ", found " + typeName(v))
}

// expectedOther is the error for a value of the right type that is not allowed.
func expectedOther(what string, v any) error {
	return errors.New("expected " + what + ", found another " + strings.TrimPrefix(strings.TrimPrefix(typeName(v), "a "), "an "))
}

func typeName(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case float64:
		return "a number"
	case string:
		return "a string"
	case []any:
		return "an array"
	case object:
		return "an object"
	default:
		return "a date or time"
	}
}
