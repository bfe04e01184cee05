package lsp

import (
	"context"
	"os"
	"path"
	"path/filepath"
	"sync"
	"time"
	"unicode/utf8"

	"go.lsp.dev/uri"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/chat"
	"github.com/llmls/llmls/internal/lsp/document"
	"github.com/llmls/llmls/internal/settings"
	"github.com/llmls/llmls/internal/workspace"
)

// mentionTime limits the search for what a question mentions. A person waits longer
// for that than for related code, which was not asked for.
const mentionTime = 10 * time.Second

// mentioned is the code that the mentions of a question refer to.
type mentioned struct {
	materials []chat.Material
	files     []uri.URI      // from which it was read
	leftOut   []chat.LeftOut // mentions that are not followed
}

// mentions reads what the question of q mentions, from the documents of view and
// the folders of the workspace.
//
// A question in a comment may be a repository's. Its mentions count only if the menu
// shows the whole question, so that the person who chooses it knows what is sent, and
// reach no further than the folder of its document.
func (s *Server) mentions(ctx context.Context, view *document.View, q *queryArgs, options *settings.Settings) (*mentioned, error) {
	all := chat.Mentions(q.Question)
	if len(all) == 0 {
		return &mentioned{}, nil
	}
	commented := q.URI != "" && q.Range != nil && s.questionAt(view, q.URI, *q.Range) == q.Question
	if commented && utf8.RuneCountInString(q.Question) > titleWidth {
		m := &mentioned{}
		for i := range all {
			m.leftOut = append(m.leftOut, chat.LeftOut{What: all[i].String(), Why: completion.WhyCommentMention})
		}
		return m, nil
	}
	ctx, cancel := context.WithTimeout(ctx, mentionTime)
	defer cancel()
	p := places{s: s, view: view, options: options, asked: q.URI, home: commented}
	if p.asked == "" {
		for _, u := range s.answers.Documents(q.Conversation) {
			p.asked = u
			break
		}
	}
	p.asked = view.Home(p.asked)
	reader := workspace.Reader{Locate: p.locate, Home: p.start()}
	materials, err := reader.Read(ctx, all)
	s.tellRules(reader.Notes())
	if err != nil {
		return nil, err
	}
	m := &mentioned{materials: materials}
	for _, file := range reader.Paths() {
		m.files = append(m.files, uri.File(file))
	}
	return m, nil
}

// places finds the files that mentions may refer to.
type places struct {
	s       *Server
	view    *document.View
	options *settings.Settings
	asked   uri.URI // the document that is asked about, "" if there is none
	home    bool    // only its folder is searched
}

func (p *places) in(folder, rel string) workspace.Location {
	return workspace.Location{Path: rel, Options: &workspace.Options{
		Root: folder, Folders: p.s.folders.Paths(), Allow: p.options.Context.Allow, Shelf: p.s.shelf, Opened: p.s.opened(p.view, folder, p.options.Context.Allow),
	}}
}

// start returns where symbols and changes are looked for.
func (p *places) start() workspace.Location {
	if folder, rel, ok := p.s.folders.Locate(p.asked); ok {
		return p.in(folder, rel)
	}
	if folders := p.s.folders.Paths(); len(folders) > 0 && !p.home {
		return p.in(folders[0], ".")
	}
	return workspace.Location{}
}

// locate returns where name may be: below the folder of the asked document, beside that
// document, below the other folders. A file outside of all folders must be open.
func (p *places) locate(name string) []workspace.Location {
	folder, rel, ok := p.s.folders.Locate(p.asked)
	if filepath.IsAbs(name) {
		u := uri.File(name)
		if in, rel, found := p.s.folders.Locate(u); found {
			if p.home && in != folder {
				return nil
			}
			return []workspace.Location{p.in(in, rel)}
		}
		return p.loose(name)
	}
	var list []workspace.Location
	if ok {
		list = append(list, p.in(folder, path.Clean(name)), p.in(folder, path.Join(path.Dir(rel), name)))
	} else if p.asked.IsFile() {
		list = append(list, p.loose(filepath.Join(filepath.Dir(p.asked.FsPath()), filepath.FromSlash(name)))...)
	}
	if p.home {
		return list
	}
	for _, other := range p.s.folders.Paths() {
		if other != folder {
			list = append(list, p.in(other, path.Clean(name)))
		}
	}
	return list
}

// loose returns the file of that name, which is in no folder, if it is open.
func (p *places) loose(file string) []workspace.Location {
	if p.home {
		return nil
	}
	l := p.in(filepath.Dir(file), filepath.Base(file))
	l.Options.OpenedOnly = true
	return []workspace.Location{l}
}

// repositories caches which folders of the workspace are Git repositories: a menu must
// not wait for a disk.
type repositories struct {
	mu   sync.Mutex
	dirs map[string]bool
}

func (r *repositories) has(dir string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.dirs[dir]
}

// findRepositories looks which folders are Git repositories.
func (s *Server) findRepositories() {
	s.background(func(context.Context) {
		dirs := map[string]bool{}
		for _, folder := range s.folders.Paths() {
			if _, err := os.Lstat(filepath.Join(folder, ".git")); err == nil {
				dirs[folder] = true
			}
		}
		s.inGit.mu.Lock()
		defer s.inGit.mu.Unlock()
		s.inGit.dirs = dirs
	})
}
