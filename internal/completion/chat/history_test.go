package chat

import (
	"fmt"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion"
)

// At the budget, too, most of a request is what the last one began with, which
// providers and local servers keep.
func TestFollowUpsBeginAlike(t *testing.T) {
	const limit, steady = 16000, 24
	for _, sentences := range []int{30, 50, 70} { // of 10 tokens
		t.Run(fmt.Sprint(sentences), func(t *testing.T) {
			conversation := &Conversation{MaxTokens: limit, Related: 1200}
			answer := strings.Repeat("It adds the prices of what was bought. ", sentences)
			turn := &Turn{Code: total()}
			last, equal, all, drops := "", 0, 0, 0
			for n, counted := 0, 0; counted < steady; n++ {
				p, err := Assemble(turn, conversation)
				if err != nil {
					t.Fatal(err)
				}
				var request strings.Builder
				for _, m := range p.Messages {
					request.WriteString(m.Content)
				}
				if len(p.LeftOut) > 0 { // at the budget
					counted++
					same := 0
					for same < min(len(last), request.Len()) && last[same] == request.String()[same] {
						same++
					}
					if equal, all = equal+same, all+request.Len(); 2*same < request.Len() {
						drops++
					}
				}
				if p.Tokens > limit {
					t.Fatalf("%d tokens", p.Tokens)
				}
				last = request.String()
				conversation.History = append(conversation.History, p.User, completion.Message{Role: completion.Assistant, Content: fmt.Sprint(n, answer)})
				turn = &Turn{Question: fmt.Sprint(n) + ". And what if there is nothing to add, as at the beginning of a year?"}
			}
			t.Logf("%d %% of what was sent equals the last request, %d times it did not", 100*equal/max(1, all), drops)
			if all == 0 || 100*equal < 85*all {
				t.Errorf("%d of %d characters equal the last request", equal, all)
			}
		})
	}
}
