package answer

import (
	"sync/atomic"

	"github.com/llmls/llmls/internal/completion"
)

const (
	// freeText is what the text of each answer that runs may have whatever the
	// others have, as it is kept, in bytes: what makes a text safe may make it four
	// times as long as it arrived.
	freeText = 512 << 10
	// maxTexts is what all of them may have beyond that, in bytes: twice the longest.
	maxTexts = 16 << 20
)

// texts counts the bytes that the texts of running answers have beyond freeText.
// Safe for concurrent use.
type texts struct{ beyond atomic.Int64 }

// grow takes what a text needs that becomes that much longer. It fails with a
// *completion.Error if the others leave no room for it.
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

// release gives up what a text of that length has.
func (t *texts) release(length int) { t.beyond.Add(-int64(max(0, length-freeText))) }
