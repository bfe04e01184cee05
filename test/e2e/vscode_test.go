//go:build e2e && vscode

package e2e

import (
	"path/filepath"
	"testing"

	"github.com/llmls/llmls/test/vscode"
)

// The packaged extension in a real VS Code, and a real llama-server: the thread
// holds what the model says, to the byte.
func TestVSCode(t *testing.T) {
	path, err := filepath.Abs(filepath.Join(models, "script.txt"))
	if err != nil {
		t.Fatal(err)
	}
	llama := startLlama(t, "scripted.gguf")
	vscode.Run(t, "../..", []string{"screen/llama.test.ts"}, "LLAMA="+llama.url+"/v1", "SCRIPT="+path)
}
