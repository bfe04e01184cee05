package main

import (
	"io"
	"os"
	"sync"

	"github.com/llmls/llmls/internal/lsp/settings"
)

// keys finds the key, and knows each that it has found. There is one for the
// process, so that whatever is printed can be kept free of all.
var keys = sync.OnceValue(func() *settings.KeyFinder { return settings.NewKeyFinder(os.LookupEnv) })

// stderr is where a person is told things: standard error without secrets. One
// call prints one line or more, never a part.
func stderr() io.Writer { return keys().Redactor().Writer(os.Stderr) }
