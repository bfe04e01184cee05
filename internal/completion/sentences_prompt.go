package completion

import (
	"cmp"
	"fmt"
	"strings"
	"unicode/utf8"
)

// The question before a file of a repository is used, and its two answers.
const (
	FileYes = "Use it"
	FileNo  = ConsentNo
)

// quotedFile is how much of a file a question shows, in characters: what a dialog
// has room for.
const quotedFile = 1200

// QuestionFile is the question about a file of the open repository; text must not
// hold control or invisible characters.
func QuestionFile(file, text string) string {
	question := fmt.Sprintf("Use %s, which this repository brings along, with exactly this content? What it says is sent with your code:\n\n", file)
	more := ""
	if n := utf8.RuneCountInString(text); n > quotedFile {
		text, more = string([]rune(text)[:quotedFile]), fmt.Sprintf("…\n\n(%d more characters; read them in the file)", n-quotedFile)
	}
	return Unlinked(question + text + more)
}

// DetailFileNotAgreed is for a file of a repository that the user has not agreed to.
func DetailFileNotAgreed(file string) string {
	return fmt.Sprintf("Read %s, and run llmls trust %s in a terminal if it may be used: the repository brings it along, and you have not agreed to what it says now.", file, file)
}

// SentenceFileNotRemembered is for such an agreement that could not be stored.
func SentenceFileNotRemembered(file string, err error) string {
	return fmt.Sprintf("Correct this, and agree again: that you agreed to %s is not remembered (%v).", file, err)
}

// WhyFileNotAgreed is the reason why instructions of a repository were not sent.
const WhyFileNotAgreed = "you have not agreed to what it says now"

// TitleFiles is the action that has a person decide about the prompts of a
// repository.
func TitleFiles(n int) string {
	if n == 1 {
		return "Decide about a prompt of this repository…"
	}
	return fmt.Sprintf("Decide about %d prompts of this repository…", n)
}

// DetailNoPrompt is for a name that no prompt has.
func DetailNoPrompt(name string, known []string, dir string) string {
	if len(known) == 0 {
		return fmt.Sprintf("Make a prompt first, with llmls prompt --new %s in a terminal: there is none in %s.", cmp.Or(name, "NAME"), dir)
	}
	return fmt.Sprintf("Choose one of %s: there is no prompt called %s.", strings.Join(known, ", "), name)
}

// DetailPromptAsks is for a prompt whose question has not been answered.
func DetailPromptAsks(name, question string) string {
	return fmt.Sprintf("Give the prompt %s an input. It asks: %s", name, question)
}

// SentencePromptAsks is for an editor that has no place to answer it.
func SentencePromptAsks(question string) string {
	return fmt.Sprintf("Type the answer into a comment right above the code, such as // ? the cache, and run the prompt again there: %s", question)
}

// SentencePrompts is for files that are no prompts, as notes say why.
func SentencePrompts(notes []string) string {
	return "Correct this, and it is a prompt: " + strings.Join(notes, "; ") + "."
}

// SentenceNotKept is for a conversation that cannot be written to its file.
func SentenceNotKept(err error) string {
	return fmt.Sprintf("Copy what you want to keep, or set XDG_STATE_HOME to a directory that can be written: conversations cannot be kept (%v).", err)
}

// SentenceKeptApart is for an answer that could not be added to the conversation from,
// because another process was adding to it.
func SentenceKeptApart(from, to string) string {
	return fmt.Sprintf("Open the conversation %s to go on from this answer: it is kept there by itself, because another answer was still growing in %s.", to, from)
}

// DetailNoHistory is for conversations that cannot be listed.
func DetailNoHistory(err error) string {
	return fmt.Sprintf("Make the directory of conversations readable: it cannot be read (%v).", err)
}
