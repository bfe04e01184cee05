package chat

import (
	"fmt"
	"strings"
)

// A Material is the code, or the changes, that a mention in the question refers to. A
// mention may have several: a symbol may be defined more than once.
type Material struct {
	Mention     string // the text of the Mention
	Path        string // relative, with forward slashes
	Cell        int    // the first cell of a notebook that Text is, 0 if it is none
	LastCell    int    // the last one
	First, Last int    // lines, from 1, inclusive; those of Text if that is cells
	Text        string // whole lines, sent verbatim
	More        int    // how many others the mention may mean, which are not sent

	// Before and After are what stands around Text in its file: read for secrets
	// that begin or end in Text, and not sent.
	Before, After string

	Changes *Changes // for #diff, instead of all above but Mention
}

// mentionHeading stands before the code that a question mentions.
const mentionHeading = "Mentioned code"

// code is m in a fence below a heading with its path and lines.
func (m *Material) code() string {
	return mentionHeading + ", " + m.place() + ":\n" + fenced(endingOf(m.Path), m.Text)
}

func (m *Material) place() string {
	return "`" + quotePath(m.Path) + "`, " + m.lines()
}

// lines names the lines of m, or its cells.
func (m *Material) lines() string {
	if m.Cell > 0 {
		return (&Code{FirstLine: m.Cell, LastLine: m.LastCell}).lines("cell ", "cells ")
	}
	return (&Code{FirstLine: m.First, LastLine: m.Last}).lines("line ", "lines ")
}

// endingOf returns what follows the last dot of the name of a file.
func endingOf(path string) string {
	name := path[strings.LastIndexByte(path, '/')+1:]
	if dot := strings.LastIndexByte(name, '.'); dot >= 0 {
		return name[dot+1:]
	}
	return ""
}

// mentioned returns the code that the question mentions, which is sent whole,
// each under its heading.
func (p *Prompt) mentioned(materials []Material) string {
	var parts []string
	for i := range materials {
		m := &materials[i]
		if m.Changes != nil {
			continue
		}
		parts = append(parts, m.code())
		if m.More > 0 {
			p.omit(fmt.Sprintf("%d more that %s may mean", m.More, quotePath(m.Mention)), "some are enough to tell; write Type.name, or #file:PATH:A-B")
		}
		p.Related = append(p.Related, Shown{Path: m.Path, First: m.First, Last: m.Last, Why: quotePath(m.Mention)})
	}
	return strings.Join(parts, "\n")
}

// material redacts what the question mentions.
func (r *redaction) material(materials []Material) []Material {
	list := make([]Material, len(materials))
	for i, m := range materials {
		parts := []string{m.Before, m.Text, m.After}
		first := m.First - strings.Count(m.Before, "\n")
		for _, s := range r.redact(parts) {
			if first+s.LastLine >= m.First && first+s.FirstLine <= m.Last {
				where := place(m.Path, 0, first+s.FirstLine, 0)
				if m.Cell > 0 {
					where = quotePath(m.Path) + ", " + m.lines()
				}
				r.found = append(r.found, s.Kind+" in "+where)
			}
		}
		m.Text, m.Before, m.After = r.numbered(m.Path, 0, parts[1], m.First), "", ""
		m.Path = r.text(m.Path, "in a path")
		if m.Changes != nil {
			m.Changes = r.changes(m.Changes)
		}
		list[i] = m
	}
	return list
}
