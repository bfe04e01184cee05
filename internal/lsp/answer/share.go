package answer

import (
	"sync/atomic"

	"github.com/llmls/llmls/internal/completion"
)

const (
	// freeText is how long the text of a running answer may be, in bytes, without
	// counting against maxTexts. Sanitising may make a text four times as long.
	freeText = 512 << 10
	// maxTexts bounds what all texts together have beyond freeText, in bytes: twice the
	// longest answer.
	maxTexts = 8 << 20
)

// texts counts the bytes that the texts of running answers have beyond freeText.
// Safe for concurrent use.
type texts struct{ beyond atomic.Int64 }

// grow counts a text that grows from one length to another, in bytes. It fails with a
// *completion.Error if the other texts leave no room for that.
func (t *texts) grow(from, to int) error {
	more := int64(max(0, to-freeText) - max(0, from-freeText))
	if more == 0 { // nearly always
		return nil
	}
	if t.beyond.Add(more) > maxTexts {
		t.beyond.Add(-more)
		return &completion.Error{Kind: completion.Busy, Reason: completion.TooLarge, Detail: "too many long answers are running at once"}
	}
	return nil
}

// release gives back what a text of that length took.
func (t *texts) release(length int) { t.beyond.Add(-int64(max(0, length-freeText))) }
