// Package setup has, for each editor, the shortest configuration that runs llmls, the
// file that it belongs into, and a way to add it there without losing what the person
// wrote.
package setup

import (
	"embed"
	"fmt"
	"slices"
	"strings"
)

//go:embed files
var files embed.FS

// A Part is what belongs into one file.
type Part struct {
	Path string // absolute
	Text string // as it stands in the documentation, ending in a line feed

	merge func(old, text string) (string, error)
}

// Merge returns what the file holds once the part is added to old, which is ""
// for a file that does not exist. It returns old if nothing is missing. An error
// says why the part cannot be added and what to do by hand.
func (p *Part) Merge(old string) (string, error) { return p.merge(old, p.Text) }

// An Editor is one that llmls can be set up in.
type Editor struct {
	Name  string
	Alias string // the name of its program, if that differs
	// Then is the next step for the person, in a sentence or two.
	Then string
	// Languages is true if the configuration is for certain languages.
	Languages bool

	parts func(dirs Dirs, languages []string) ([]Part, error)
}

// Parts returns the parts of the editor's configuration. languages are those
// that a person named, for an editor that has Languages; none are the usual ones.
func (e *Editor) Parts(dirs Dirs, languages []string) ([]Part, error) {
	if len(languages) > 0 && !e.Languages {
		return nil, fmt.Errorf("%s is set up for all languages at once: name none", e.Name)
	}
	return e.parts(dirs, languages)
}

// Editors returns every editor, by name.
func Editors() []Editor {
	return []Editor{
		{
			Name: "coc", Alias: "coc.nvim", parts: coc,
			Then: "It needs coc.nvim, in Vim or Neovim. Select some lines and press <Leader>e, or <Leader>a for the list of code actions.",
		},
		{
			Name: "emacs", parts: emacs,
			Then: "M-x llmls starts it in a buffer, M-x eglot-code-actions explains, M-x llmls-ask asks.",
		},
		{
			Name: "geany", Languages: true, parts: geany,
			Then: "It needs the plugin LSP Client, which Tools, Plugin Manager turns on. Then select some lines and choose Tools, LSP Client, Show Code Action Popup.",
		},
		{
			Name: "helix", Alias: "hx", Languages: true, parts: helix,
			Then: "Select some lines and press Space a.",
		},
		{
			Name: "kate", Languages: true, parts: kate,
			Then: "Kate asks once whether it may start llmls. Then select some lines and press Alt+Return.",
		},
		{
			Name: "lsp-mode", parts: lspMode,
			Then: "For Emacs with the package lsp-mode. M-x lsp starts it beside the servers of the language, M-x lsp-execute-code-action explains, M-x llmls-ask asks.",
		},
		{
			Name: "neovim", Alias: "nvim", parts: neovim,
			Then: "Select some lines and press <Leader>e. With the plugin in editors/neovim there is more to it, and this file has to go.",
		},
		{
			Name: "vim", parts: vim,
			Then: "It needs the plugin ALE. Select some lines and type :ALECodeAction; :ALEHover shows the answer.",
		},
		{
			Name: "vscode", Alias: "code", parts: vscode,
			Then: "Select some lines and run \"llmls: Explain\".",
		},
	}
}

// Find returns the editor of that name, or whose program has it; letter case does
// not count. The error names them all.
func Find(name string) (*Editor, error) {
	editors := Editors()
	if i := slices.IndexFunc(editors, func(e Editor) bool {
		return strings.EqualFold(name, e.Name) || e.Alias != "" && strings.EqualFold(name, e.Alias)
	}); i >= 0 {
		return &editors[i], nil
	}
	return nil, fmt.Errorf("llmls cannot set up %q; it knows %s", name, strings.Join(Names(), ", "))
}

// Names returns the names of the editors.
func Names() []string {
	var names []string
	for _, e := range Editors() {
		names = append(names, e.Name)
	}
	return names
}

// text returns one of the files. They are what the tests of the editors use and
// what the documentation shows.
func text(name string) string {
	raw, err := files.ReadFile("files/" + name)
	if err != nil {
		panic(err) // a name in this package
	}
	return string(raw)
}
