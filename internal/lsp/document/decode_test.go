package document

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.lsp.dev/protocol"
)

func TestDecodeChange(t *testing.T) {
	type events = []protocol.TextDocumentContentChangeEvent
	for _, c := range []struct {
		name, version, changes string
		wantVersion            int32
		want                   events
	}{
		{"a part", `3`, `[{"range":{"start":{"line":1,"character":2},"end":{"line":3,"character":4}},"text":"x"}]`, 3, events{part(span4(1, 2, 3, 4), "x")}},
		{"whole", `3`, `[{"text":"x"}]`, 3, events{whole("x")}},
		{"null range is the whole", `3`, `[{"range":null,"rangeLength":null,"text":"x"}]`, 3, events{whole("x")}},
		{"rangeLength is ignored", `3`, `[{"range":{"start":{"line":0,"character":0},"end":{"line":0,"character":0}},"rangeLength":-1,"text":"x"}]`, 3, events{part(span4(0, 0, 0, 0), "x")}},
		{"unknown members", `3`, `[{"text":"x","y":[{}]}]`, 3, events{whole("x")}},
		{"floats", `3.0`, `[{"range":{"start":{"line":1.0,"character":2e0},"end":{"line":3,"character":4}},"text":"x"}]`, 3, events{part(span4(1, 2, 3, 4), "x")}},
		{"largest", `3`, `[{"range":{"start":{"line":0,"character":0},"end":{"line":4294967296,"character":1e300}},"text":""}]`, 3, events{part(span4(0, 0, 1<<32-1, 1<<32-1), "")}},
		{"lone surrogate", `3`, `[{"text":"\ud83dx"}]`, 3, events{whole("\uFFFDx")}},
		{"negative line", `3`, `[{"range":{"start":{"line":-1,"character":0},"end":{"line":0,"character":0}},"text":"x"}]`, 3, events{nil}},
		{"fraction", `3`, `[{"range":{"start":{"line":0.5,"character":0},"end":{"line":1,"character":0}},"text":"x"}]`, 3, events{nil}},
		{"no end", `3`, `[{"range":{"start":{"line":0,"character":0}},"text":"x"}]`, 3, events{nil}},
		{"no character", `3`, `[{"range":{"start":{"line":0},"end":{"line":1,"character":0}},"text":"x"}]`, 3, events{nil}},
		{"no text", `3`, `[{"range":{"start":{"line":0,"character":0},"end":{"line":1,"character":0}}}]`, 3, events{nil}},
		{"range is a string", `3`, `[{"range":"0:0","text":"x"}]`, 3, events{nil}},
		{"null", `3`, `[null,{},{"text":"x"},7]`, 3, events{nil, nil, whole("x"), nil}},
		{"no list", `3`, `{"text":"x"}`, 3, events{nil}},
		{"null list", `3`, `null`, 3, events{nil}},
		{"empty list", `3`, `[]`, 3, nil},
		{"null version", `null`, `[]`, NoVersion, nil},
		{"version is a string", `"3"`, `[]`, NoVersion, nil},
		{"version out of range", `2147483648`, `[]`, NoVersion, nil},
	} {
		params, err := DecodeChange([]byte(`{"textDocument":{"uri":"file:///w/a.go","version":` + c.version + `},"contentChanges":` + c.changes + `}`))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if diff := cmp.Diff(changes(c.wantVersion, c.want...), params, cmp.Comparer(sameLength)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func sameLength(a, b protocol.Optional[uint32]) bool { return a == b }

func TestDecodeOpen(t *testing.T) {
	want := protocol.TextDocumentItem{URI: "file:///c%3A/a%20b", LanguageID: "go", Version: NoVersion, Text: "\uFFFDx\r\n"}
	params, err := DecodeOpen([]byte(`{"textDocument":{"uri":"file:///C:/a b","languageId":"go","version":null,"text":"\udc00x\r\n"}}`))
	if err != nil || params.TextDocument != want {
		t.Errorf("%+v, %v; want %+v", params, err, want)
	}
}

func TestDecodeFailsWithoutADocument(t *testing.T) {
	for _, data := range []string{``, `null`, `[]`, `{`, `{"textDocument":{}}`, `{"textDocument":{"uri":7}}`, `{"textDocument":{"uri":"file:////x"},"contentChanges":[]}`} {
		if _, err := DecodeOpen([]byte(data)); err == nil {
			t.Errorf("DecodeOpen(%q) succeeds", data)
		}
		if _, err := DecodeChange([]byte(data)); err == nil {
			t.Errorf("DecodeChange(%q) succeeds", data)
		}
	}
	if _, err := DecodeOpen([]byte(`{"textDocument":{"uri":"file:///a","text":null}}`)); err == nil {
		t.Error("DecodeOpen without a text succeeds")
	}
}

// Why the two notifications are decoded here: should this fail after an update
// of protocol, DecodeOpen and DecodeChange may have become needless.
func TestProtocolStillMisreadsChanges(t *testing.T) {
	var params protocol.DidChangeTextDocumentParams
	data := `{"textDocument":{"uri":"file:///a","version":3},"contentChanges":[{"range":{"start":{"line":-1,"character":0},"end":{"line":0,"character":0}},"text":"x"}]}`
	if err := protocol.Unmarshal([]byte(data), &params); err != nil {
		t.Fatal(err)
	}
	if _, ok := params.ContentChanges[0].(*protocol.TextDocumentContentChangeWholeDocument); !ok {
		t.Errorf("%T", params.ContentChanges[0])
	}
	data = strings.Replace(data, `"version":3`, `"version":null`, 1)
	if err := protocol.Unmarshal([]byte(data), &params); err == nil {
		t.Error("a version of null is accepted")
	}
}
