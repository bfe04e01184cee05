package diff_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/llmls/llmls/internal/diff"
)

func render(old, changed string, limit int) string {
	var b strings.Builder
	for _, h := range diff.Hunks(old, changed, limit) {
		b.WriteString(h.String())
	}
	return b.String()
}

func TestHunks(t *testing.T) {
	t.Parallel()
	text := "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\n"
	for _, test := range []struct{ name, old, changed, want string }{
		{"nothing", text, text, ""},
		{"a line", text, strings.Replace(text, "f\n", "F\n", 1), "@@ -3,7 +3,7 @@\n c\n d\n e\n-f\n+F\n g\n h\n i\n"},
		{"at the ends", text, "z\n" + text[:len(text)-2], "@@ -0,0 +1,1 @@\n+z\n"},
		{"two places", text, strings.Replace(strings.Replace(text, "b\n", "", 1), "l\n", "L\n", 1), "@@ -1,5 +1,4 @@\n a\n-b\n c\n d\n e\n@@ -9,4 +8,4 @@\n i\n j\n k\n-l\n+L\n"},
		{"new", "", "a\nb", "@@ -0,0 +1,2 @@\n+a\n+b\n\\ No newline at end of file\n"},
		{"deleted", "a\n", "", "@@ -1,1 +0,0 @@\n-a\n"},
	} {
		got := render(test.old, test.changed, 100)
		if test.name == "at the ends" {
			if !strings.HasPrefix(got, "@@ -1,3 +1,4 @@\n+z\n a\n") || !strings.HasSuffix(got, " k\n-l\n") {
				t.Errorf("%s: %s", test.name, got)
			}
			continue
		}
		if d := cmp.Diff(test.want, got); d != "" {
			t.Errorf("%s: -want +got:\n%s", test.name, d)
		}
	}
	if got, want := render("", "a\nb\nc\n", 2), "@@ -0,0 +1,2 @@\n+a\n+b\n@@ -0,0 +3,1 @@\n+c\n"; got != want {
		t.Errorf("in parts: %s", got)
	}
}

var text = rapid.Custom(func(t *rapid.T) string {
	s := strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"a\n", "b\n", "c\n", "\n", "}\n", "x = 1\n", "y\n", "z\n"}), 0, 30).Draw(t, "lines"), "")
	if rapid.Bool().Draw(t, "open") {
		s = strings.TrimSuffix(s, "\n")
	}
	return s
})

// Hunks applied to the old text give the new one, whatever both are.
func TestHunksApply(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		old, changed, limit := text.Draw(t, "old"), text.Draw(t, "new"), rapid.IntRange(1, 50).Draw(t, "limit")
		hunks := diff.Hunks(old, changed, limit)
		if (len(hunks) == 0) != (old == changed) {
			t.Fatalf("%d hunks", len(hunks))
		}
		lines := strings.SplitAfter(old, "\n")
		var b strings.Builder
		at := 0
		for _, h := range hunks {
			first := h.Old.First
			if h.Old.Count > 0 {
				first--
			}
			b.WriteString(strings.Join(lines[at:first], ""))
			at = first
			was, is := 0, 0
			text := strings.SplitAfter(h.Text, "\n")
			for i, line := range text[:len(text)-1] {
				if line[0] == '\\' {
					continue
				}
				if text[i+1] != "" && text[i+1][0] == '\\' {
					line = strings.TrimSuffix(line, "\n")
				}
				if line[0] != '+' {
					if lines[at] != line[1:] {
						t.Fatalf("%q is not line %d of the old text", line, at+1)
					}
					at++
					was++
				}
				if line[0] != '-' {
					b.WriteString(line[1:])
					is++
				}
			}
			if was != h.Old.Count || is != h.New.Count {
				t.Fatalf("%v has %d and %d lines", h, was, is)
			}
		}
		if got := b.String() + strings.Join(lines[at:], ""); got != changed {
			t.Fatalf("%q and not %q", got, changed)
		}
	})
}

// The lines that stay and those that are removed are the old text, and those that stay
// and those that are added the new one.
func TestAll(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		old, changed := text.Draw(t, "old"), text.Draw(t, "new")
		var before, after strings.Builder
		for _, line := range diff.All(old, changed) {
			if line.Mark != diff.Added {
				before.WriteString(line.Text)
			}
			if line.Mark != diff.Removed {
				after.WriteString(line.Text)
			}
		}
		if before.String() != old || after.String() != changed {
			t.Errorf("the texts are %q and %q", before.String(), after.String())
		}
	})
}

// What both texts begin and end with stays, also if none of its lines is there once.
func TestEndsStay(t *testing.T) {
	t.Parallel()
	var marks strings.Builder
	for _, line := range diff.All("}\n}\n\n\n", "}\n}\nx\n\n\n") {
		marks.WriteByte(byte(line.Mark))
	}
	if marks.String() != "  +  " {
		t.Errorf("the marks are %q", marks.String())
	}
}
