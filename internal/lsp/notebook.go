package lsp

import (
	"strings"

	"github.com/go-json-experiment/json"
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/llmls/llmls/internal/completion/chat"
	"github.com/llmls/llmls/internal/completion/related"
	"github.com/llmls/llmls/internal/ignore"
	"github.com/llmls/llmls/internal/lsp/document"
)

// allNotebooks asks for all cells of all notebooks, also for those that are text.
func allNotebooks() protocol.NotebookDocumentSync {
	return &protocol.NotebookDocumentSyncOptions{NotebookSelector: []protocol.NotebookSelector{
		&protocol.NotebookDocumentFilterWithNotebook{Notebook: protocol.String("*")},
	}}
}

// notebookChanged handles the notifications of notebooks, on the wire loop: apply is
// what one does to the documents.
func (s *Server) notebookChanged(apply func([]byte) error, params []byte) error {
	err := apply(params)
	view := s.documents.View()
	s.presenter.Changed(view)
	s.followed.follow(view)
	return s.lost(err)
}

// code returns where u is, as a prompt has it: a cell has the path of its notebook.
func (s *Server) code(view *document.View, u uri.URI) *chat.Code {
	n, number, ok := view.Notebook(u)
	if !ok {
		return &chat.Code{Path: s.folders.RelPath(u)}
	}
	return &chat.Code{Path: s.folders.RelPath(n.URI), Cell: number}
}

// homes returns the notebooks of those of documents that are cells.
func homes(view *document.View, documents []uri.URI) (list []uri.URI) {
	for _, u := range documents {
		if n, _, ok := view.Notebook(u); ok {
			list = append(list, n.URI)
		}
	}
	return list
}

// notebook returns the cells around code, which is of the cell doc, as a file of that
// path. Each of them passes the checks of a document that is asked about.
func (s *Server) notebook(view *document.View, allow []string, doc *document.Document, code *chat.Code, path string) *related.File {
	n, number, ok := view.Notebook(doc.URI)
	if !ok {
		return nil
	}
	checker, folders := ignore.NewChecker(allow), s.folders.Paths()
	defer func() { s.tellRules(checker.Notes()) }()
	may := map[string]bool{nameOfCell(doc.URI): true} // that one was checked
	var cells []related.Cell
	for _, c := range view.Cells(n, number, searchAround) {
		if c.Number == number {
			text, missing := doc.Around(code.FirstLine, code.LastLine, searchAround)
			cells = append(cells, related.Cell{Number: number, Text: text, Missing: missing})
			continue
		}
		name := nameOfCell(c.Document.URI)
		if _, checked := may[name]; !checked {
			may[name] = s.checkSend(checker, folders, c.Document.URI) == nil
		}
		if may[name] {
			other := c.Markup || c.Document.LanguageID != doc.LanguageID
			cells = append(cells, related.Cell{Number: c.Number, Text: c.Document.Text.String(), Other: other})
		}
	}
	return related.NewNotebook(path, doc.LanguageID, cells)
}

// openedNotebook returns the cells of an open notebook as its file would have them. It
// is not usable if one of them must not be sent.
func (s *Server) openedNotebook(view *document.View, u uri.URI, allow []string) (text string, usable, open bool) {
	cells, open := view.CellsOf(u)
	if len(cells) == 0 {
		return "", false, open
	}
	type cell struct {
		Kind   string `json:"cell_type"`
		Source string `json:"source"`
	}
	var file struct {
		Metadata struct {
			Language struct {
				Name string `json:"name"`
			} `json:"language_info"`
		} `json:"metadata"`
		Cells []cell `json:"cells"`
	}
	checker, folders := ignore.NewChecker(allow), s.folders.Paths()
	for _, c := range cells {
		if s.checkSend(checker, folders, c.Document.URI) != nil {
			return "", false, true
		}
		kind := "markdown"
		if !c.Markup {
			kind, file.Metadata.Language.Name = "code", c.Document.LanguageID
		}
		file.Cells = append(file.Cells, cell{kind, c.Document.Text.String()})
	}
	raw, err := json.Marshal(&file)
	return string(raw), err == nil, true
}

// nameOfCell returns what cells with the same rules have in common: their URIs without
// a fragment that names nothing but the cell.
func nameOfCell(u uri.URI) string {
	name, fragment, _ := strings.Cut(string(u), "#")
	if strings.ContainsAny(fragment, `/\:!.`) || strings.ContainsRune(strings.ReplaceAll(fragment, "%3D", ""), '%') {
		return string(u)
	}
	return name
}
