package completion

import (
	"fmt"
	"strings"
)

// What is said before anything is sent: what is kept back, and what the user is
// asked.

// Details of errors that llmls raises before anything is sent. They are whole
// sentences, which Sentence shows as they are.
const (
	DetailNoQuestion        = "There is no question. Pass one, or write it into a comment at the place."
	DetailNoConversation    = "There is no such conversation in this session. Start a new one by asking without it."
	DetailSelectionTooLarge = "The selection is larger than 8 MiB, which no model takes. Select less."
)

// KeySourceOnceAgreed says, for a dry run, where the key would come from if the
// user agreed to origin, which only the editor names.
func KeySourceOnceAgreed(source, origin string) string {
	return fmt.Sprintf("%s, once you agreed to send it to %s, which only the editor names", source, origin)
}

// What a person is asked before anything goes to an origin that only the editor
// names, and the two answers.
const (
	ConsentYes = "Send it there"
	ConsentNo  = "No"
)

// QuestionConsent is the question; source is where the key comes from, "" if
// there is none.
func QuestionConsent(source, origin string) string {
	what := "your code"
	if source != "" {
		what = "your code and the key from " + source
	}
	return fmt.Sprintf("Send %s to %s? Only the editor names this endpoint: it may have been set by the repository that is open in it.", what, origin)
}

// SentenceAwaitingConsent is the progress of an answer while that question is
// open.
func SentenceAwaitingConsent(origin string) string {
	return fmt.Sprintf("waiting for you: may this be sent to %s?", origin)
}

// SentenceNotRemembered is for an agreement that could not be written down.
func SentenceNotRemembered(origin string, err error) string {
	return fmt.Sprintf("That you agreed to %s is remembered only until the editor closes: %v. Correct that, or put baseUrl into config.toml.", origin, err)
}

// DetailUnreadable is for code in a file that is not open and cannot be read.
func DetailUnreadable(err error) string {
	return fmt.Sprintf("The code cannot be had: %v. Open the file in the editor and try again.", err)
}

// DetailWithheld is for a file that is not sent: why is one of the three below.
func DetailWithheld(file, why string) string {
	return fmt.Sprintf("%s was not sent: %s. If it may leave this machine, add it to context.allow in config.toml.", file, why)
}

// WhyDenied is for the built-in list of files.
func WhyDenied(rule string) string {
	return fmt.Sprintf("files called %s often hold secrets, so they stay here", rule)
}

// WhyIgnored is for a rule in a file such as .aiignore.
func WhyIgnored(file string, line int, rule string) string {
	return fmt.Sprintf("line %d of %s, %s, forbids it", line, file, rule)
}

// WhyUnreadable is for such a file that cannot be read.
func WhyUnreadable(file string, err error) string {
	return fmt.Sprintf("%s may forbid it and cannot be read (%v)", file, err)
}

// LeftOutSecrets says what of a prompt was replaced, such as "2 secrets (AWS
// access key on line 12, JWT in the question)", and why.
func LeftOutSecrets(secrets []string) (what, why string) {
	const told = 8
	list := strings.Join(secrets[:min(len(secrets), told)], ", ")
	if more := len(secrets) - told; more > 0 {
		list += fmt.Sprintf(" and %d more", more)
	}
	return countSecrets(len(secrets)) + " (" + list + ")",
		"what looks like a secret stays here, and the model sees what it was; if it is none, write it in another form"
}

func countSecrets(n int) string {
	if n == 1 {
		return "1 secret"
	}
	return fmt.Sprintf("%d secrets", n)
}

// What stands in the file that answers are read in, where an editor has no view
// of its own for them.
const (
	AnswerFileHead = "# Answers\n\nTo ask on, write below an answer, behind the `>`, and run the code action *Send* there."
	AnswerFileAsk  = "Write the question behind the `>`, and run the code action *Send* there."
)

// SentenceAnswerFile is for an editor that does not open that file when it is
// asked to, or does not change its text.
func SentenceAnswerFile(path string) string {
	return fmt.Sprintf("This editor does not show the answer by itself. Open %s to read it when it is complete.", path)
}

// QuestionAsk is what a person is asked who wants to ask but has typed no
// question yet: where is the code, such as "total.py:3-9".
func QuestionAsk(where string) string {
	return fmt.Sprintf("What do you want to know about %s?", where)
}

// AskOther chooses a question of one's own; the others are asked as they are.
const AskOther = "Something else…"

// SentenceTypeQuestion is for an editor that has no place for such a question.
const SentenceTypeQuestion = "Type the question into a comment right above the code, such as // ? why is this slow, and ask again there."

// AskPresets returns the questions to choose from.
func AskPresets() []string {
	return []string{"Is there a bug in it?", "How can it be simpler?", "What tests does it need?"}
}
