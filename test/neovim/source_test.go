package neovim_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Every function that another file can call says what it takes and gives, in
// LuaCATS, and no file is longer than a chapter.
func TestEveryFunctionIsAnnotated(t *testing.T) {
	function := regexp.MustCompile(`^function ([\w.]+)[.:](\w+)\((.*)\)`)
	checked := 0
	dir := filepath.Join(root, "editors", "neovim", "lua")
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		source := strings.Split(string(raw), "\n")
		if len(source) > 400 {
			t.Errorf("%s has %d lines", path, len(source))
		}
		for i, line := range source {
			m := function.FindStringSubmatch(line)
			if m == nil {
				continue
			}
			checked++
			var comment []string
			for j := i - 1; j >= 0 && strings.HasPrefix(source[j], "---"); j-- {
				comment = append(comment, source[j])
			}
			all := strings.Join(comment, "\n")
			for _, name := range strings.FieldsFunc(m[3], func(r rune) bool { return r == ',' || r == ' ' }) {
				if !regexp.MustCompile(`---@param ` + name + `\??[ ]`).MatchString(all) {
					t.Errorf("%s:%d: %s.%s has no ---@param %s", path, i+1, m[1], m[2], name)
				}
			}
			if m[1] == "M" && !strings.Contains(all, "---") && m[2] != "check" {
				t.Errorf("%s:%d: %s.%s has no comment", path, i+1, m[1], m[2])
			}
		}
		return nil
	})
	if err != nil || checked == 0 {
		t.Fatalf("%d functions, %v", checked, err)
	}
}
