//go:build unix

package document

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// workspace returns a folder in a directory that holds a secret beside it.
func workspace(t *testing.T) (folders *Folders, dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "work space")
	check(t, os.MkdirAll(filepath.Join(dir, "sub"), 0o700))
	check(t, os.WriteFile(filepath.Join(dir, "..", "secret"), []byte("canary"), 0o600))
	folders = new(Folders)
	folders.Set([]protocol.WorkspaceFolder{{URI: uri.File(dir)}})
	return folders, dir
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestReadFile(t *testing.T) {
	folders, dir := workspace(t)
	check(t, os.WriteFile(filepath.Join(dir, "sub", "é b.py"), []byte("\uFEFFa😀\r\n\xff"), 0o600))
	check(t, os.Symlink("sub/é b.py", filepath.Join(dir, "link.go")))
	for name, language := range map[string]string{"sub/é b.py": "python", "link.go": "go", "sub/../link.go": "go"} {
		u := uri.URI("file://" + dir + "/" + name)
		doc, err := folders.ReadFile(u, UTF16)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if doc.Text.String() != "a😀\r\n\uFFFD" || doc.LanguageID != language || doc.Version != NoVersion || doc.URI != u || doc.Trusted() != nil {
			t.Errorf("%s: %q, %+v", name, doc.Text, doc)
		}
		if got := doc.Excerpt(span4(0, 1, 0, 3), 0).Text; got != "😀" {
			t.Errorf("%s: Excerpt = %q", name, got)
		}
	}
}

func TestReadFileRefuses(t *testing.T) {
	folders, dir := workspace(t)
	in := func(name string) string { return filepath.Join(dir, name) }
	check(t, os.Symlink("../secret", in("out")))
	check(t, os.Symlink(in("../secret"), in("absolute")))
	check(t, os.Symlink("..", in("sub/up")))
	check(t, os.Symlink("../..", in("sub/upper")))
	check(t, os.Symlink("loop", in("loop")))
	check(t, os.Symlink("/dev/zero", in("zero")))
	check(t, syscall.Mkfifo(in("fifo"), 0o600))
	huge, err := os.Create(in("huge"))
	check(t, err)
	check(t, huge.Truncate(maxFile+1))
	check(t, huge.Close())
	u := "file://" + strings.ReplaceAll(dir, " ", "%20")
	for _, c := range []struct {
		name string
		uri  string
		want error // nil if any will do
	}{
		{"missing", u + "/missing", fs.ErrNotExist},
		{"directory", u + "/sub", ErrNotRegular},
		{"the folder", u, ErrOutside},
		{"FIFO", u + "/fifo", ErrNotRegular},
		{"huge", u + "/huge", ErrTooLarge},
		{"link out", u + "/out", nil},
		{"absolute link out", u + "/absolute", nil},
		{"link to a device", u + "/zero", nil},
		{"directory link out", u + "/sub/upper/secret", nil},
		{"directory link twice", u + "/sub/up/../secret", fs.ErrNotExist},
		{"loop", u + "/loop", nil},
		{"dots", u + "/../secret", ErrOutside},
		{"encoded dots", u + "/%2e%2e/secret", ErrOutside},
		{"encoded slashes", u + "/..%2fsecret", ErrOutside},
		{"NUL", u + "/a%00b", nil},
		{"elsewhere", "file:///etc/passwd", ErrOutside},
		{"other host", "file://server" + dir + "/sub", ErrOutside},
		{"untitled", "untitled:" + dir + "/sub", ErrOutside},
		{"http", "http://localhost" + dir + "/sub", ErrOutside},
		{"nothing", "", ErrOutside},
	} {
		doc, err := folders.ReadFile(uri.URI(c.uri), UTF8)
		if err == nil {
			t.Errorf("%s: read %q", c.name, doc.Text)
			continue
		}
		if c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
		if strings.Contains(err.Error(), filepath.Dir(dir)) {
			t.Errorf("%s: the error %q names a place outside", c.name, err)
		}
	}
}

func TestReadFileInAFolderThatIsGone(t *testing.T) {
	folders, dir := workspace(t)
	check(t, os.RemoveAll(dir))
	if _, err := folders.ReadFile(uri.File(filepath.Join(dir, "a")), UTF8); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	check(t, os.Mkdir(dir, 0o700))
	check(t, os.WriteFile(filepath.Join(dir, "a"), []byte("x"), 0o600))
	if _, err := folders.ReadFile(uri.File(filepath.Join(dir, "a")), UTF8); err != nil {
		t.Error(err)
	}
}

// Only a file of exactly the largest size shows that reading does not stop early.
func TestReadFileAtTheLimit(t *testing.T) {
	folders, dir := workspace(t)
	check(t, os.WriteFile(filepath.Join(dir, "a"), make([]byte, maxFile), 0o600))
	doc, err := folders.ReadFile(uri.File(filepath.Join(dir, "a")), UTF8)
	if err != nil || doc.Text.Len() != maxFile {
		t.Error(err)
	}
}
