package settings

import "strings"

// A Problem is one thing wrong with the settings. Its texts name types and
// keys, never a value, which might be a secret.
type Problem struct {
	Source string // the file, the variable or the origin
	Key    string // the setting; "" if the whole source is unusable
	Detail string // what was expected and found, and the next step
}

// String says p to a person.
func (p Problem) String() string {
	if p.Key == "" {
		return p.Source + ": " + p.Detail
	}
	return p.Key + " (" + p.Source + "): " + p.Detail
}

// maxProblems is how many problems Sentence tells in full: a message has a few
// rows in every editor.
const maxProblems = 8

// Sentence joins problems into one message for a person.
func Sentence(problems []Problem) string {
	var b strings.Builder
	return b.String()
}
