package completion

import "fmt"

// DetailBudget is for a token budget that the fixed part of a prompt exceeds.
func DetailBudget(limit, fixed int) string {
	return fmt.Sprintf("raise context.maxTokens: it is %d, and the instructions alone take about %d", limit, fixed)
}

// DetailMentionsOverBudget is for mentioned files that have no room in the budget.
func DetailMentionsOverBudget(tokens, limit int) string {
	return fmt.Sprintf("Mention fewer lines, such as #file:PATH:1-50, or raise context.maxTokens: what the question mentions is about %d tokens, and %d in all are allowed.", tokens, limit)
}

// DetailSelectionOverBudget is for a selection that has no room in the budget.
func DetailSelectionOverBudget(tokens, limit int) string {
	return fmt.Sprintf("Select less, or raise context.maxTokens: the selection is about %d tokens, and %d in all are allowed.", tokens, limit)
}

// DetailQuestionOverBudget is for a question that has no room in the budget.
func DetailQuestionOverBudget(tokens, limit int) string {
	return fmt.Sprintf("Shorten the question, or raise context.maxTokens: it is about %d tokens, and %d in all are allowed.", tokens, limit)
}

// DetailUnnamed is for several open documents that have the same empty name.
const DetailUnnamed = "Save this under a name: the editor has several documents open that have none, and llmls cannot tell them apart."

// DetailNoRoomFor is for a document that has no room beside the other open ones.
func DetailNoRoomFor(name string, why error) string {
	return fmt.Sprintf("Close other large files, then close %s and open it again: llmls has no room for its text (%v).", name, why)
}

// DetailMissed is for a document about which a message could not be read.
func DetailMissed(name string) string {
	return fmt.Sprintf("Close %s and open it again: llmls could not read a message of the editor about it, which may have 32 MiB, and does not use its text.", name)
}

// DetailLostTrack is for a document whose edits do not fit the text that is known.
func DetailLostTrack(name string) string {
	return fmt.Sprintf("Close %s and open it again: llmls has lost track of the edits in it, and does not use its text any more.", name)
}
