package upstream

import "testing"

// Requests that run at once learn different things.
func TestRefusalsAddUp(t *testing.T) {
	var r refusals
	target := testTarget()
	r.remember(target, Refused{StreamOptions: true})
	r.remember(target, Refused{MaxTokens: true})
	r.remember(target, Refused{})
	if got := r.of(target); got != (Refused{StreamOptions: true, MaxTokens: true}) {
		t.Errorf("got %+v", got)
	}
	target.model = "another"
	if got := r.of(target); got != (Refused{StreamOptions: true}) {
		t.Errorf("another model: got %+v", got)
	}
}
