package ignore

import (
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"unicode/utf16"
	"unicode/utf8"
)

// Limits for the ignore files of one question. They may come from a repository;
// real ones come near none of these limits.
const (
	maxFile  = 256 << 10 // bytes, of a single one
	maxFiles = 1 << 20   // bytes, of all together
	maxLine  = 16 << 10  // bytes, of a pattern
	maxSteps = 50e6      // of matching, at a few nanoseconds each
	maxLooks = 50_000    // places where one may be, and elements of paths that may be links
)

// openFlags makes opening a FIFO not wait for its writer.
const openFlags = os.O_RDONLY | syscall.O_NONBLOCK

var (
	errNotRegular = errors.New("it is not a regular file")
	errTooLarge   = errors.New("it is larger than 256 KiB")
	errLongLine   = errors.New("it holds a line that is longer than 16 KiB")
	errAllLarge   = errors.New("with the others it is larger than 1 MiB")
	errTooSlow    = errors.New("its rules take too long to match")
	errTooMany    = errors.New("there are too many directories and links to look at")
	errNotText    = errors.New("it is no text; save it as UTF-8")
	errEscapes    = errors.New("it is a link that leads out of the folder")
	errDangling   = errors.New("it is a link that leads nowhere")
)

// rules returns the text of the ignore file at name, "" if there is none. It is read
// once. If root is not "", the file must not be a link that leads out of root.
func (c *Checker) rules(root, name string) (string, error) {
	if text, ok := c.read[name]; ok {
		return text, nil
	}
	target := name
	switch link, err := c.link(name); {
	case err != nil:
		return "", err
	case link != "":
		if target, err = c.resolve(name); err != nil {
			return "", err
		}
		if root != "" && !within(root, target) {
			return "", errEscapes
		}
	}
	text, err := c.readText(target)
	if target == name && (errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)) {
		text, err = "", nil
	} else if errors.Is(err, fs.ErrNotExist) {
		err = errDangling
	}
	if err == nil {
		c.read[name] = text
	}
	return text, err
}

func (c *Checker) readText(name string) (string, error) {
	file, err := os.OpenFile(name, openFlags, 0)
	if err != nil {
		return "", cause(err)
	}
	defer file.Close()
	info, err := file.Stat()
	switch {
	case err != nil:
		return "", cause(err)
	case !info.Mode().IsRegular():
		return "", errNotRegular
	}
	data, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	c.left -= len(data)
	switch {
	case err != nil:
		return "", cause(err)
	case len(data) > maxFile:
		return "", errTooLarge
	case c.left < 0:
		return "", errAllLarge
	}
	return decode(data)
}

// decode returns data as text: UTF-16 with a byte-order mark, which Windows
// PowerShell's > writes, or UTF-8. Encodings that are valid UTF-8 as well, such as
// UTF-7, cannot be told from it.
func decode(data []byte) (string, error) {
	text := strings.TrimPrefix(string(data), "\uFEFF")
	if len(data) >= 2 {
		switch mark := binary.BigEndian.Uint16(data); mark {
		case 0xFEFF:
			text = fromUTF16(data[2:], binary.BigEndian)
		case 0xFFFE:
			text = fromUTF16(data[2:], binary.LittleEndian)
		}
	}
	if !utf8.ValidString(text) || strings.ContainsFunc(text, isControl) { // another encoding
		return "", errNotText
	}
	for _, line := range lines(text) {
		if len(line) > maxLine {
			return "", errLongLine
		}
	}
	return text, nil
}

// isControl reports whether r is a control character that no text in UTF-8 holds: those
// for white space, and the one that ended files of DOS, may be there.
func isControl(r rune) bool {
	return (r < ' ' || r == '\x7f') && !strings.ContainsRune("\t\n\v\f\r\x1a", r)
}

func fromUTF16(data []byte, order binary.ByteOrder) string {
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = order.Uint16(data[2*i:])
	}
	return string(utf16.Decode(units))
}

// cause drops the absolute path that an *os.PathError holds.
func cause(err error) error {
	if failed, ok := errors.AsType[*fs.PathError](err); ok {
		return failed.Err
	}
	return err
}

// maxLinks is how many links a path may lead through, as in Linux's own limit.
const maxLinks = 40

// resolve returns where name, an absolute path, leads through symbolic links
// and, on Windows, junctions. What does not exist, or cannot be looked at, stays
// as it is named.
func (c *Checker) resolve(name string) (string, error) {
	return c.resolveFrom(split(name))
}

// resolveFrom is resolve for the elements todo below at, which leads through no
// links.
func (c *Checker) resolveFrom(at string, todo []string) (string, error) {
	for links := 0; len(todo) > 0; {
		element := todo[0]
		todo = todo[1:]
		switch element {
		case "", ".":
			continue
		case "..":
			at = filepath.Dir(at)
			continue
		}
		next := filepath.Join(at, element)
		link, err := c.link(next)
		if err != nil {
			return "", err
		}
		if link == "" {
			at = next
			continue
		}
		if links++; links > maxLinks {
			return "", errTooMany
		}
		var before []string
		if filepath.IsAbs(link) {
			at, before = split(link)
		} else {
			_, before = split(link)
		}
		todo = append(before, todo...)
	}
	return at, nil
}

// link returns where the link called name leads, "" if there is no link of this
// name.
func (c *Checker) link(name string) (string, error) {
	if link, ok := c.links[name]; ok {
		return link, nil
	}
	if c.looks--; c.looks < 0 {
		return "", errTooMany
	}
	link, _ := os.Readlink(name) // fails if name is not a link
	c.links[name] = link
	return link, nil
}

// split cuts a path into its root, such as / or C:\, and its elements.
func split(name string) (root string, elements []string) {
	volume := filepath.VolumeName(name)
	return volume + string(filepath.Separator), strings.Split(filepath.ToSlash(name[len(volume):]), "/")
}

// within reports whether name is dir or below it. Both are clean.
func within(dir, name string) bool {
	rel, ok := below(dir, name)
	return ok && filepath.IsLocal(rel)
}

// below returns the path of name inside dir.
func below(dir, name string) (rel string, ok bool) {
	rel, err := filepath.Rel(dir, name) // which folds letter case on Windows
	return rel, err == nil && filepath.IsLocal(rel)
}
