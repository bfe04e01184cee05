package faults

import (
	"strings"
	"testing"
)

// An edit in a message that cannot be read is lost: its document, or each if it is
// not known which, is not trusted until it is opened again.
func TestEditsInMessagesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	const other = "file:///p/other.py"
	x := strings.Repeat("x", 33<<20)
	text := `{"text":"` + x + `"}`
	of := `"textDocument":{"uri":"` + uri + `","version":2}`
	escaped := strings.ReplaceAll(strings.Replace(of, ":", " : ", 1), "/", `\/`)
	for _, test := range []struct {
		name, body   string
		this, others bool // is trusted
	}{
		{"too long", `{"jsonrpc":"2.0","method":"textDocument/didChange","params":{` + of + `,"contentChanges":[` + text + `]}}`, false, true},
		{"too long, in another order", `{"params":{"contentChanges":[` + text + `],` + escaped + `},"method":"textDocument\/didChange","jsonrpc":"2.0"}`, false, true},
		{"too long, with its document in the midst", `{"method":"textDocument/didChange","params":{"contentChanges":[` + text + `],` + of + `,"more":"` + x[:megabyte] + `"}}`, false, false},
		{"too long to open", `{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":{"uri":"` + uri + `","version":2,"languageId":"x","text":"` + x + `"}}}`, false, true},
		{"damaged", `{"jsonrpc":"2.0","method":"textDocument/didChange","params":{` + of + `,"contentChanges":[{"text":"}]}}`, false, true},
		{"several", `[{"jsonrpc":"2.0","method":"textDocument/didChange","params":{` + of + `}},{"jsonrpc":"2.0","method":"textDocument/didClose","params":{"textDocument":{"uri":"` + other + `"}}}]`, false, false},
		{"no edit", `{"jsonrpc":"2.0","id":1,"method":"textDocument/hover","params":{` + of + `,"text":"\"textDocument/didChange\"` + x + `"}}`, true, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, llmls.Home(t, "http://127.0.0.1:1", "")).ready()
			s.Open(other, "python", document)
			s.Must(s.Send("%s", test.body))
			for u, trusted := range map[string]bool{uri: test.this, other: test.others} {
				_, err := s.dryRun(u)
				if trusted != (err == nil) || !trusted && !strings.Contains(err.Error(), "Close "+strings.TrimPrefix(u, "file:///p/")+" and open it again") {
					t.Errorf("%s: %v", u, err)
				}
				s.Open(u, "python", document)
				if _, err := s.dryRun(u); err != nil {
					t.Errorf("%s, opened again: %v", u, err)
				}
			}
			told := 0
			for _, m := range s.Seen() {
				if m.Method == "window/showMessage" {
					told++
				}
			}
			if want := map[bool]int{true: 0, false: 1}[test.this]; told != want {
				t.Errorf("the person was told %d times", told)
			}
			s.peakBelow(60)
		})
	}
}
