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
	DetailNoQuestion        = "Pass a question, or write it into a comment at the place: there is none."
	DetailNoConversation    = "Ask anew at the code: this conversation is not kept (it was deleted, is older than history.days, or history is off)."
	DetailSelectionTooLarge = "Select less: the selection is larger than 8 MiB, which no model takes."
	DetailNothingAsked      = "Select code or type a question: nothing was asked."
	DetailBlank             = "Select code that is not blank: there is nothing to explain."
	DetailCodeOverBudget    = "Ask anew about a smaller selection, or raise context.maxTokens: the code this conversation is about no longer fits."
)

// DetailUnknownEndpoint is the sentence for a name that no endpoint has; known are
// the names that exist.
func DetailUnknownEndpoint(name string, known []string) string {
	return fmt.Sprintf("Choose one of %s, or add it to config.toml: there is no endpoint called %s, so nothing was sent.", strings.Join(known, ", "), name)
}

// DetailKeyTakenBack is for a key that was removed before a request was sent again.
const DetailKeyTakenBack = "it was removed meanwhile"

// KeySourceOnceAgreed says, for a dry run, where the key would come from if the
// user agreed to origin, which only the editor names.
func KeySourceOnceAgreed(source, origin string) string {
	return fmt.Sprintf("%s, once you agreed to send it to %s, which only the editor names", source, origin)
}

// KeySourceNothingSent says, for a dry run, why neither key nor code would be
// sent.
func KeySourceNothingSent(why *Error) string {
	return "none, since nothing would be sent. " + why.Sentence()
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
	return fmt.Sprintf("Put baseUrl into config.toml, or correct this: that you agreed to %s is remembered only until the editor closes (%v).", origin, err)
}

// DetailUnreadable is for code in a file that is not open and cannot be read.
func DetailUnreadable(err error) string {
	return fmt.Sprintf("Open the file in the editor and try again: the code cannot be had (%v).", err)
}

// DetailWithheld is for a file that is not sent; why is one of the reasons below.
func DetailWithheld(file, why string) string {
	return fmt.Sprintf("Select other code or, if %s may leave this machine, add it to context.allow in config.toml: it was not sent, because %s.", file, why)
}

// What is wrong with a mention in a question, such as #file:a.go:3-9.

// DetailManyMentions is for a question with more mentions than are read.
func DetailManyMentions(most int) string {
	return fmt.Sprintf("Mention fewer files and symbols: the question has more than %d.", most)
}

// DetailNoMentionedFile is for a file that there is not.
func DetailNoMentionedFile(mention string) string {
	return "Correct the path, which counts from the folder that is open, or the working directory: " + mention + " leads to no file."
}

// DetailMentionUnreadable is for one that cannot be read.
func DetailMentionUnreadable(mention string, err error) string {
	return fmt.Sprintf("Mention another file: %s cannot be sent (%v).", mention, err)
}

// DetailMentionedLines is for lines that the file does not have.
func DetailMentionedLines(mention string) string {
	return "Correct the lines, which count from 1, the first before the last: " + mention + " names none."
}

// DetailMentionEmpty is for a file without text.
func DetailMentionEmpty(mention string) string {
	return "Mention another file: " + mention + " is empty."
}

// DetailMentionBeyond is for lines behind the end of a file.
// What it consists of is lines or cells.
func DetailMentionBeyond(mention, what string, count int) string {
	return fmt.Sprintf("Correct the %s: %s is behind the end of the file, which has %d %s.", what, mention, count, what)
}

// DetailNoSymbol is for a symbol that is defined nowhere in the workspace, or in
// the part of it that was searched, as where says.
func DetailNoSymbol(mention, where string) string {
	return fmt.Sprintf("Correct the name, or mention its lines as #file:PATH:A-B: no definition of %s was found in %s.", mention, where)
}

// Where a symbol was searched.
const (
	SearchedAll  = "the workspace"
	SearchedPart = "the part of the workspace that could be searched"
)

// DetailNoChanges is for #diff where there are none, because of err.
func DetailNoChanges(mention string, err error) string {
	return fmt.Sprintf("Ask about changes that there are, or another revision: %s shows nothing (%v).", mention, err)
}

// DetailChangesWithheld is for #diff where nothing changed but files that stay
// here, the first of which is the last in the sentence.
func DetailChangesWithheld(mention, why string) string {
	return "Ask about other changes: " + mention + " shows nothing that may be sent. " + why
}

// WhyCommentMention is for a mention that does not count in a comment.
const WhyCommentMention = "it stands in a comment whose question is too long to be shown whole; type the question to have it sent"

// WhyPlace is for a place that an editor names without saying why.
const WhyPlace = "the editor knows it"

// Why a place that an editor names is not sent.
const (
	WhyPlaceUnread  = "it cannot be read, may not be sent, or has no such line"
	WhyPlaceOutside = "it is outside of the workspace, and the editor did not send its text"
)

// WhyDenied is for the built-in list of files.
func WhyDenied(rule string) string {
	return fmt.Sprintf("files called %s often hold secrets and stay here", rule)
}

// WhyIgnored is for a rule in a file such as .aiignore.
func WhyIgnored(file string, line int, rule string) string {
	return fmt.Sprintf("line %d of %s, %s, forbids it", line, file, rule)
}

// WhyUnreadable is for such a file that cannot be read.
func WhyUnreadable(file string, err error) string {
	return fmt.Sprintf("%s may forbid it and cannot be read (%v)", file, err)
}

// KeyInPrompt is the user's key in a prompt that was made before the key was
// known, for LeftOutSecrets.
const KeyInPrompt = "your key in the prompt"

// WhyNameTooLong is for a path longer than any system allows.
const WhyNameTooLong = "its name is too long to be judged"

// NoteBackslash is for a line of an ignore file that parts directories with
// backslashes.
func NoteBackslash(file string, line int) string {
	return fmt.Sprintf(`line %d of %s has a backslash, which does not part directories there; write /`, line, file)
}

// NoteSurrounded is for a line of an ignore file that has more than a name.
func NoteSurrounded(file string, line int) string {
	return fmt.Sprintf(`line %d of %s has ./, ~/, {,}, a comment, quotation marks, white space or an invisible character, which count as part of the name there; write the name alone`, line, file)
}

// NoteNoPattern is for a line of an ignore file that can match nothing.
func NoteNoPattern(file string, line int) string {
	return fmt.Sprintf("line %d of %s is no pattern and forbids nothing; correct it", line, file)
}

// SentenceRules is for such lines, as notes say what is wrong with them.
func SentenceRules(notes []string) string {
	return "Correct an ignore file, which forbids less than it seems to: " + strings.Join(notes, "; ") + "."
}

// LeftOutSecrets says what of a prompt was replaced, such as "2 secrets (AWS
// access key on line 12, JWT in the question)", and why.
func LeftOutSecrets(secrets []string) (what, why string) {
	return countSecrets(len(secrets)) + someOf(secrets),
		"what looks like a secret stays here, and the model sees what it was; if it is none, write it in another form"
}

// LeftOutTokens says which control tokens of a prompt were broken, such as "1
// control token (<|im_end|> on line 12)", and why.
func LeftOutTokens(tokens []string) (what, why string) {
	count := "1 control token"
	if n := len(tokens); n > 1 {
		count = fmt.Sprintf("%d control tokens", n)
	}
	return count + someOf(tokens), `a server may obey them; the model sees each with a \ behind its first character`
}

// someOf lists the first of items in brackets.
func someOf(items []string) string {
	const told = 8
	list := strings.Join(items[:min(len(items), told)], ", ")
	if more := len(items) - told; more > 0 {
		list += fmt.Sprintf(" and %d more", more)
	}
	return " (" + list + ")"
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
	// AnswerFileList stands above conversations of earlier runs.
	AnswerFileList = "Run the code action *Show* in a line to read that one and to ask on. To search, write words behind the `>`, and run *Search* there."
	AnswerFileNone = "None is kept that has this. To search for other words, write them behind the `>`, and run *Search* there."
)

// DetailNotKept is for a conversation that cannot be shown.
func DetailNotKept(id string) string {
	return fmt.Sprintf("Choose one of those that llmls history lists: there is no conversation %s.", id)
}

// SentenceNoPlaceForEarlier is for an editor that shows no file by itself.
const SentenceNoPlaceForEarlier = "Run llmls history in a terminal: this editor opens no file by itself in which earlier answers could be shown."

// SentenceAnswerFile is for an editor that does not open that file when it is
// asked to, or does not change its text.
func SentenceAnswerFile(path string) string {
	return fmt.Sprintf("Open %s to read the answer when it is complete: this editor does not show it by itself.", path)
}

// SentenceNoAnswerFile is for an answer that cannot be kept in that file, because
// of err.
func SentenceNoAnswerFile(err error) string {
	return fmt.Sprintf("Hover over the lines of an answer to read it, or set XDG_STATE_HOME to a directory that can be written: it cannot be kept in a file (%v).", err)
}

// QuestionAsk is shown to a person who chose to ask and has typed no question yet;
// where names the code, such as "total.py:3-9".
func QuestionAsk(where string) string {
	return fmt.Sprintf("What do you want to know about %s?", where)
}

// QuestionEndpoint is shown to a person who wants another endpoint to answer.
const QuestionEndpoint = "Which endpoint is to answer?"

// SentenceNoChoice is for an editor that cannot show such a question.
const SentenceNoChoice = "Set endpoint in config.toml, and ask again: this editor offers no choice of endpoints."

// TitleEndpoint names an endpoint and its model on a button.
func TitleEndpoint(name, model string) string { return Unlinked(name + " · " + model) }

// AskOther is the choice to type a question; the presets are asked as they stand.
const AskOther = "Something else…"

// SentenceTypeQuestion is for an editor that has no place for such a question.
const SentenceTypeQuestion = "Type the question into a comment right above the code, such as // ? why is this slow, and ask again there."

// AskPresets returns the questions to choose from.
func AskPresets() []string {
	return []string{"Is there a bug in it?", "How can it be simpler?", "What tests does it need?"}
}
