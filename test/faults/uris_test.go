//go:build linux

package faults

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion/completiontest"
)

// The same file has many URIs: whatever the scheme, each path is judged that
// stands in one, however it is written. W is the folder of the workspace, whose
// ignore file forbids one file by its place.
func TestEveryURIOfAFileStays(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	u.Script(completiontest.Answer("Yes."))
	h := llmls.Home(t, u.URL, calm)
	h.Write(t, "w/sub/kept.sql", "canary_5ca1ab1e = 1\n")
	h.Write(t, "w/.aiignore", "/sub/kept.sql\n*.raw\n")
	folder := filepath.Join(h.Dir, "w")
	s := start(t, h)
	s.Initialized("", folder)
	forbidden := strings.ReplaceAll(`
		file:///workspace/sub/kept.sql file://localhost/srv/w/sub/kept.sql file:W/sub/kept.sql FILE://W/sub/kept.sql file://127.0.0.1W/sub/kept.sql file://localhostW/sub/kept.sql file://build.example.comW/sub/kept.sql
		file://W/sub/%6Bept.sql file://W/sub/%256Bept.sql file://W/sub%2Fkept.sql file://W/sub%5Ckept.sql file://W/fine/../sub/./kept.sql
		file://W/sub/kept.sql::$DATA file://W/sub/kept.sql%3Astream file://W/sub/kept.sql%20 file://W/sub/kept.sql... file://W/sub./kept.sql
		file://W/sub/kept.sql%00 file://W/sub/kept.sql%00.go file://W/sub/ke%E2%80%8Cpt.sql file://W/.e%E2%80%8Dnv untitled:.en%EF%BB%BFv
		file:///C:%5Cw%5C.env file:///C%3A/w/.env file:///C:\w\.env file://W/.env::$DATA file://W/.env. file://W/.env%20.%20 file:///%252Eenv
		file:///ssh:host:/srv/.env file:///ssh:host:W/sub/kept.sql file:///sudo::W/sub/kept.sql file://wsl.localhost/Debian/srv/w/sub/kept.sql
		untitled:W/sub/kept.sql untitled:W/fine/../sub/kept.sql untitled:sub/kept.sql untitled:.env untitled://.env untitled:/.env
		vscode-notebook-cell:W/sub/kept.sql#W0sZmlsZQ%3D%3D vscode-scm:W/sub/kept.sql vscode-userdata:W/sub/kept.sql output:W/sub/kept.sql
		git:W/sub/kept.sql?%7B%22path%22%3A%22W/sub/kept.sql%22%2C%22ref%22%3A%22~%22%7D git:W/sub/%6Bept.%73%71%6C
		git:W/other.txt?%7B%22path%22%3A%22W/sub/kept.sql%22%2C%22ref%22%3A%22~%22%7D git:W/other.txt?%7B%22a%22%3A%5B%7B%22b%22%3A%22W/sub/kept.sql%22%7D%5D%7D
		git:W/other.txt?path=W/sub/kept.sql git:W/other.txt?x=1&path%3DW%252Fsub%252Fkept.sql gitlens-git:W/x?%7B%22uri%22%3A%22file%3A//W/sub/kept.sql%22%7D
		vscode-remote://ssh-remote%2BhostW/sub/kept.sql vscode-remote://ssh-remote%2Bhost/home/ada/w/sub/kept.sql vscode-vfs://github/owner/name/sub/kept.sql
		vscode-vfs://github/owner/name/deploy/.env pr:/x?%7B%22fileName%22%3A%22sub/kept.sql%22%7D pr:/x?%7B%22fileName%22%3A%22gone/.env%22%7D svn:/x?%7B%22fsPath%22%3A%22W%2Fsub%2Fkept.sql%22%7D
		fugitive://W/.git//0/sub/kept.sql fugitive://W/.git//4b825dc642cb6eb9a060e54bf8d69288fbee4904/sub/kept.sql fugitive://W/.git//0/.env
		fugitive://W/.git/worktrees/x//0/sub/kept.sql fugitive:///bare/w.git//HEAD/sub/kept.sql gitsigns://W/.git/HEAD:sub/kept.sql gitsigns://W/.git//HEAD:sub/kept.sql
		diffview://W/.git/:0:/sub/kept.sql diffview://W/.git/abcdef0/sub/kept.sql octo://owner/repo/pull/1/file/RIGHT/sub/kept.sql octo://owner/repo/pull/1/file/LEFT/gone.raw
		zipfile:file://W/sub/kept.sql zipfile://W/a.zip::/.env zipfile://W/a.zip%3A%3Asub/kept.sql zipfile:///elsewhere/a.zip::sub/kept.sql zipfile://W/a.zip::in/it.raw
		tarfile::W/a.tar.gz::sub/kept.sql tarfile:W/a.tar::.env jar:file:W/a.jar!/.env jar:file://W/a.jar!/sub/kept.sql jar:file:///C:/w/a.jar!/x/.env
		term://W//123:.env oil://W/sub/kept.sql oil-ssh://host/W/.env scp://host//srv/.env scp://ada@host//srv/w/sub/kept.sql sftp://host/~/.ssh/id_rsa
		x:W//sub/./kept.sql x:/y#W/sub/kept.sql x:/y#.env x:/y#%2Eenv p4:W/sub/kept.sql%231 https://host.example/a?file=.env https://host.example/.env
		a:W/sub/kept.sql;v=1 a:W/sub/kept.sql@HEAD a:W/sub/kept.sql|x`, "W", folder)
	for uri := range strings.FieldsSeq(forbidden + encodedURIs("sub/kept.sql") + encodedURIs(".env")) {
		s.Open(uri, "plaintext", "canary_5ca1ab1e = 1\n")
		refused(t, uri, s.Command("llmls.ask", map[string]any{"uri": uri, "question": "why?", "partialResultToken": uri}, nil), "was not sent")
	}
	relative := strings.TrimPrefix(h.Write(t, "out/kept.sql", "out = 1\n"), "/") // below the root it is a file, too
	h.Write(t, "w/.aiignore", "/sub/kept.sql\n/"+relative+"\n")
	for _, path := range []string{"sub/kept.sql", "./sub/kept.sql", "%73ub/kept.sql", relative} {
		for _, uri := range []string{path, "file:" + path, "FILE:" + path} {
			s.Open(uri, "plaintext", "canary_5ca1ab1e = 1\n")
			if s.Command("llmls.ask", map[string]any{"uri": uri, "question": "why?", "partialResultToken": uri}, nil) == nil {
				t.Errorf("%s: it was sent", uri)
			}
		}
	}
	deep := "x:" + strings.Repeat("%2525/a::b!", 300)
	s.Open(deep, "plaintext", "canary_5ca1ab1e = 1\n")
	refused(t, "too many names", s.Command("llmls.ask", map[string]any{"uri": deep, "question": "why?", "partialResultToken": 1}, nil), "too long")
	if n := len(u.Requests()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
	h.Write(t, "w/src/fine.py", "fine = 1\n")
	h.Write(t, "w/.aiignore", "/*\n!/src/\n") // only what is listed leaves
	for uri := range strings.FieldsSeq(`
		file://W/src/fine.py untitled:Untitled-1 untitled:W/src/new.py vscode-notebook-cell:W/src/fine.ipynb#Q0sZmlsZQ%3D%3D output:llmls
		git:W/src/fine.py?%7B%22path%22%3A%22W/src/fine.py%22%2C%22ref%22%3A%22HEAD%22%7D vscode-remote://ssh-remote%2Bhost/home/ada/w/src/fine.py
		vscode-vfs://github/owner/name/src/fine.py octo://owner/repo/pull/1/file/RIGHT/src/fine.py zipfile://W/src/a.zip::fine.py file:///elsewhere/stdio.h`) {
		uri = strings.ReplaceAll(uri, "W", folder)
		s.Open(uri, "plaintext", "fine = 1\n")
		s.Must(s.Command("llmls.ask", map[string]any{"uri": uri, "question": "why?", "partialResultToken": uri}, nil))
	}
}

// encodedURIs are URIs that hold path in base64 or hexadecimal.
func encodedURIs(path string) string {
	text := []byte(`{"filePath":"` + path + `","commit":"HEAD","repo":"/ws?>","exists":true}`)
	std := base64.StdEncoding.EncodeToString(text)
	return strings.Join([]string{
		"", "git-graph:file.sql?" + std, "git-graph:file.sql?" + url.QueryEscape(std), "git-graph:file.sql?" + base64.RawStdEncoding.EncodeToString(text), "git-graph:file.sql?" + base64.URLEncoding.EncodeToString(text),
		fmt.Sprintf("gitlens://%x/x", text), "x:/y?p=" + std + "&q=1", "",
	}, " ")
}
