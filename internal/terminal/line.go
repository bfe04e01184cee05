package terminal

import (
	"strings"

	"github.com/llmls/llmls/internal/completion/safety"
)

// Dim returns s so that a terminal draws it faintly.
func Dim(s string) string { return "\x1b[2m" + s + "\x1b[0m" }

// Line returns s as one line that a terminal only draws: what others wrote,
// such as a model's name or an endpoint's error, goes through it.
func Line(s string) string { return safety.Visible(strings.Join(strings.Fields(s), " ")) }
