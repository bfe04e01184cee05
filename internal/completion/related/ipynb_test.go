package related_test

import (
	"testing"

	"github.com/llmls/llmls/internal/completion/related"
)

func TestReadNotebook(t *testing.T) {
	for _, c := range []struct{ name, path, text, language, all string }{
		{"lists and texts", "A.IPYNB", `{"cells":[{"cell_type":"code","source":["a\n","b"]},{"cell_type":"raw","source":"c\n"}]}`, "python", "# %% cell 1\na\nb\n# %% [markdown] cell 2\nc\n"},
		{"another kernel", "a.ipynb", `{"cells":[{"cell_type":"code","source":[]},{"source":3}],"metadata":{"language_info":{"name":"JavaScript"}}}`, "javascript", "// %% cell 1\n\n// %% [markdown] cell 2\n3\n"},
		{"one cell", "a.ipynb", `{"cells":[{"cell_type":"code","source":"a"}]}`, "python", "a"},
		{"another name", "a.json", `{"cells":[{"cell_type":"code","source":"a"}]}`, "", ""},
		{"an old format", "a.ipynb", `{"worksheets":[{"cells":[]}]}`, "", ""},
		{"no cells", "a.ipynb", `{"cells":[]}`, "", ""},
		{"no list", "a.ipynb", `{"cells":{}}`, "", ""},
		{"no JSON", "a.ipynb", `{"cells":[`, "", ""},
		{"more than one value", "a.ipynb", `{"cells":[{"source":"a"}]} x`, "", ""},
		{"nothing", "a.ipynb", ``, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			n, ok := related.ReadNotebook(c.path, c.text)
			if ok != (c.language != "") {
				t.Fatalf("it is a notebook: %v", ok)
			}
			if ok && (n.Language != c.language || n.Text(1, len(n.Cells)) != c.all) {
				t.Errorf("%s %q, want %s %q", n.Language, n.Text(1, len(n.Cells)), c.language, c.all)
			}
		})
	}
}
