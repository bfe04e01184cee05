package workspace

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/chat"
	"github.com/llmls/llmls/internal/completion/related"
)

// Limits of the mentions of one question.
const (
	maxMentions  = 32
	maxMentioned = 16 << 20 // bytes of all files together
)

// A Location is a file, or a directory, below the root of Files.
type Location struct {
	Options *Options
	Path    string // with forward slashes; "." is the root
}

// A Reader reads the code that mentions refer to. It is for one question and one
// goroutine.
type Reader struct {
	// Locate returns where the file that a mention calls path may be, the most likely
	// place first.
	Locate func(path string) []Location
	// Home is where symbols and changes are looked for: the file that is asked
	// about or, if there is none, a directory. Its Options are nil if there is
	// nothing to look through.
	Home Location

	files map[string]*Files // by root
	left  int               // bytes
	paths []string
	notes []string
}

// Paths returns the absolute paths of the files from which code was read.
func (r *Reader) Paths() []string { return r.paths }

// Notes returns sentences about ineffective lines of the ignore files that applied.
func (r *Reader) Notes() []string { return r.notes }

// Read returns the code that the mentions refer to. It fails with a *completion.Error
// that names the mention if a file or symbol does not exist or must not be sent.
func (r *Reader) Read(ctx context.Context, mentions []chat.Mention) ([]chat.Material, error) {
	r.files, r.left = map[string]*Files{}, maxMentioned
	defer func() {
		for _, f := range r.files {
			r.notes = append(r.notes, f.Notes()...)
			f.Close()
		}
	}()
	if len(mentions) > maxMentions {
		return nil, refuse(completion.DetailManyMentions(maxMentions))
	}
	var list []chat.Material
	read := map[string]bool{}
	for i := range mentions {
		m := &mentions[i]
		if read[m.Text] {
			continue
		}
		read[m.Text] = true
		found, err := r.mention(ctx, m)
		if err != nil {
			return nil, err
		}
		list = append(list, found...)
	}
	return list, nil
}

func (r *Reader) mention(ctx context.Context, m *chat.Mention) ([]chat.Material, error) {
	switch m.Kind {
	case chat.MentionSymbol:
		return r.symbol(ctx, m)
	case chat.MentionDiff:
		return r.diff(ctx, m)
	default:
		return r.file(ctx, m)
	}
}

func refuse(detail string) error {
	return &completion.Error{Kind: completion.BadRequest, Detail: detail}
}

// open returns the files below the root of l.
func (r *Reader) open(ctx context.Context, l *Location) *Files {
	f, known := r.files[l.Options.Root]
	if !known {
		f = Open(ctx, l.Options)
		r.files[l.Options.Root] = f
	}
	return f
}

// file reads the first file that exists of those that m may refer to.
func (r *Reader) file(ctx context.Context, m *chat.Mention) ([]chat.Material, error) {
	if m.First > m.Last || m.First == 0 && m.Last != 0 {
		return nil, refuse(completion.DetailMentionedLines(m.String()))
	}
	for _, l := range r.Locate(filepath.ToSlash(m.Name)) {
		text, err := r.open(ctx, &l).text(l.Path, m.String(), r.left)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, unreadable(m, err)
		}
		r.left -= len(text)
		what := "cells"
		material, count := cutCells(l.Path, text, m.First, m.Last)
		if count == 0 {
			what = "lines"
			material, count = cutLines(text, m.First, m.Last)
		}
		if count == 0 {
			return nil, refuse(completion.DetailMentionEmpty(m.String()))
		}
		if m.First > count {
			return nil, refuse(completion.DetailMentionBeyond(m.String(), what, count))
		}
		material.Mention, material.Path = m.Text, l.Path
		r.paths = append(r.paths, filepath.Join(l.Options.Root, filepath.FromSlash(l.Path)))
		return []chat.Material{material}, nil
	}
	return nil, unreadable(m, fs.ErrNotExist)
}

// unreadable returns the error that says why m cannot be read.
func unreadable(m *chat.Mention, err error) error {
	if completion.AsError(err) != nil {
		return err // blocked
	}
	if errors.Is(err, fs.ErrNotExist) {
		return refuse(completion.DetailNoMentionedFile(m.String()))
	}
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err // where the workspace is does not matter
	}
	return refuse(completion.DetailMentionUnreadable(m.String(), err))
}

// text returns what the file at p holds, which a person calls name. The error is
// fs.ErrNotExist if there is no such file, and a *completion.Error if it may not be
// sent.
func (f *Files) text(p, name string, limit int) (string, error) {
	text, err := f.content(p, limit)
	if !errors.Is(err, fs.ErrNotExist) {
		if err := f.check(p, name); err != nil {
			return "", err
		}
	}
	if err == nil && !strings.Contains(text, "\n") { // the line ends of old Macs
		text = strings.ReplaceAll(text, "\r", "\n")
	}
	return text, err
}

// content returns what the file at p holds, whether it may be sent or not: what an
// editor has open, else what is on the disk.
func (f *Files) content(p string, limit int) (string, error) {
	if f.ctx.Err() != nil {
		return "", context.Cause(f.ctx)
	}
	if !filepath.IsLocal(filepath.FromSlash(p)) {
		return "", fs.ErrNotExist
	}
	if f.options.Opened != nil {
		if text, usable, open := f.options.Opened(p); open {
			switch {
			case !usable:
				return "", errors.New("the editor's copy of it is not known; open it again")
			case len(text) > limit:
				return "", errTooLarge
			}
			return text, nil
		}
	}
	if f.options.OpenedOnly {
		return "", fs.ErrNotExist
	}
	if _, err := f.root.Lstat(filepath.FromSlash(p)); err != nil {
		return "", err //nolint:wrapcheck // the caller says what was attempted
	}
	return f.read(p, limit)
}

// cutLines returns the lines of text from first to last, all if first is 0, and
// how many lines it has.
func cutLines(text string, first, last int) (m chat.Material, lines int) {
	lines = strings.Count(text, "\n")
	if text != "" && !strings.HasSuffix(text, "\n") {
		lines++
	}
	if first == 0 {
		first, last = 1, lines
	}
	last = min(last, lines)
	if first > lines {
		return m, lines
	}
	from := nth(text, first-1)
	to := from + nth(text[from:], last-first+1)
	return chat.Material{First: first, Last: last, Before: text[:from], Text: text[from:to], After: text[to:]}, lines
}

// cutCells is cutLines for a notebook, of which it returns cells. It has none if it is
// no notebook.
func cutCells(path, text string, first, last int) (m chat.Material, cells int) {
	n, ok := related.ReadNotebook(path, text)
	if !ok {
		return m, 0
	}
	cells = len(n.Cells)
	if first == 0 {
		first, last = 1, cells
	}
	if last = min(last, cells); first > cells {
		return m, cells
	}
	return chat.Material{Cell: first, LastCell: last, First: 1, Last: 1 + strings.Count(n.Text(first, last), "\n"), Text: n.Text(first, last)}, cells
}

// nth returns where line n of text begins, counted from 0.
func nth(text string, n int) int {
	at := 0
	for ; n > 0; n-- {
		end := strings.IndexByte(text[at:], '\n')
		if end < 0 {
			return len(text)
		}
		at += end + 1
	}
	return at
}
