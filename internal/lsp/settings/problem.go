package settings

import (
	"errors"
	"fmt"
	"strings"

	"github.com/llmls/llmls/internal/completion"
)

// A Problem is one thing wrong with the settings. Its texts name types and
// keys, never a value, which might be a secret.
type Problem struct {
	Source string // the file, the variable or the origin's name
	Key    string // the setting; "" if the whole source is unusable
	Detail string // what was expected and found, and what comes of it
}

// String says p to a person.
func (p Problem) String() string {
	if p.Key == "" {
		return p.Source + ": " + p.Detail
	}
	return p.Key + " (" + p.Source + "): " + p.Detail
}

// maxTold is how many problems Sentence tells: an editor shows a few rows.
const maxTold = 8

// Sentence joins problems into one message for a person, "" if there are none.
// A problem that was found twice is told once.
func Sentence(problems []Problem) string {
	if len(problems) == 0 {
		return ""
	}
	s := "llmls settings:"
	seen := make(map[Problem]bool, len(problems))
	for _, p := range problems {
		if !seen[p] && len(seen) < maxTold {
			s += " " + p.String()
			if !strings.HasSuffix(s, "?") {
				s += "."
			}
		}
		seen[p] = true
	}
	if more := len(seen) - maxTold; more > 0 {
		s += fmt.Sprintf(" And %d more.", more)
	}
	return s
}

// What a Problem says, in one place.
const (
	detailNotJSON        = "this is not JSON, so nothing in it counts"
	detailUserOnly       = "an editor cannot set this, because a repository's settings could then; put it into config.toml"
	detailKeyIsNoSetting = "a key is never a setting; put it into the environment variable that apiKeyEnv names, or let apiKeyCommand print it"
	detailUnreadable     = "the file cannot be read, so nothing in it counts; correct its permissions"
	detailNotAFile       = "this is not a regular file, so it is not read; put a file there"
	detailTooLarge       = "the file is larger than 1 MiB, so nothing in it counts; shorten it"
)

func notTOML(line, column int) string {
	return fmt.Sprintf("line %d, column %d is not TOML, so nothing in the file counts; correct it there", line, column)
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

func kept(err error) string { return err.Error() + "; it keeps its earlier value" }

func expected(what string, v any) error {
	return errors.New("expected " + what + ", found " + typeName(v))
}

// expectedOther is for a value of the right type that is none of those
// allowed.
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

// badURL is why requests fail while a refused base URL leaves nothing but the
// built-in endpoint.
func badURL(source string, err error) error {
	return &completion.Error{
		Kind: completion.Config, Reason: completion.BadBaseURL,
		Detail: "for the one from " + source + " llmls " + err.Error(),
	}
}

// nearest returns the setting that somebody who wrote path may have meant, ""
// if none is close.
func nearest(path string) string {
	const longest = 40
	if len(path) > longest {
		return ""
	}
	want := fold(path)
	best, least := "", 1+max(1, min(3, len(want)/3))
	for _, k := range keys() {
		distance := editDistance(want, fold(k.path))
		// People also forget the group.
		if _, leaf, ok := strings.Cut(k.path, "."); ok {
			distance = min(distance, editDistance(want, fold(leaf)))
		}
		if distance < least {
			best, least = k.path, distance
		}
	}
	return best
}

// fold drops what spellings of one name differ in: base_url, baseURL, BaseUrl.
func fold(name string) string {
	return strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(name))
}

// editDistance counts the insertions, deletions, replacements and swaps of
// neighbours that lead from a to b, in bytes.
func editDistance(a, b string) int {
	before := make([]int, len(b)+1) // two rows ago
	above := make([]int, len(b)+1)
	row := make([]int, len(b)+1)
	for j := range above {
		above[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(above[j]+1, row[j-1]+1, above[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, above, row = above, row, before
	}
	return above[len(b)]
}
