package completiontest

import (
	"fmt"
	"regexp"
	"strings"
)

// Modeline returns an error that names the first line of text that an editor
// would obey in a file, if there is one. The forms are those of the editors'
// sources: chk_modeline of Vim and Neovim, for any version of theirs;
// set-auto-mode-1 and hack-local-variables--find-variables of Emacs, with what its
// Turkish environment takes for an "i"; DocumentPrivate::readVariableLine of
// KTextEditor, which is Kate. An editor looks at some lines only; any may be one
// of them.
func Modeline(text string) error {
	for editor, form := range map[string]*regexp.Regexp{
		"Vim":   regexp.MustCompile(`(?:^|[\t\v\f\r ])(?:vi|vim[<=>]?[0-9]*):|[\t\v\f\r ]ex:|(?:^|[\t\v\f\r ])Vim[<=>]?[0-9]*:[ \t]*set`),
		"Emacs": regexp.MustCompile(`-\*-|(?i:local var[iıİ]ables:)`),
		"Kate":  regexp.MustCompile(`kate:|kate-wildcard\(|kate-mimetype\(`),
	} {
		for line := range strings.Lines(text) {
			if found := form.FindString(line); found != "" {
				return fmt.Errorf("%s obeys %q in %q", editor, found, line)
			}
		}
	}
	return nil
}
