package settings

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

//go:embed settings.schema.json
var schema string

// Schema returns the JSON Schema of the settings.
func Schema() string { return schema }

// Table lists every setting with its value and where it came from, in aligned
// columns, for a person: those at the top level and, below them, what each other
// endpoint has of its own. The last row names keySource, where the key of the
// endpoint that answers comes from; this package never has the key itself.
func (s Settings) Table(keySource string) string {
	if s.top != nil {
		s = *s.top
	}
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	row := func(cells ...string) { _, _ = fmt.Fprintln(w, strings.Join(cells, "\t")) }
	row("SETTING", "VALUE", "FROM")
	for _, k := range keys() {
		row(k.path, cell(k.path, k.get(&s.Options)), s.Source(k.path))
	}
	for _, e := range s.endpoints {
		path := endpointsTable + "." + e.name + "."
		for _, v := range e.values {
			file, _, _ := strings.Cut(v.source, ", [")
			row(path+v.key.path, cell(v.key.path, v.val), file)
		}
	}
	row("the key", "(not shown)", keySource)
	_ = w.Flush() // a Builder does not fail
	return b.String()
}

// cell renders a value in a few characters.
func cell(path string, val any) string {
	const longest = 60
	var text string
	switch val := val.(type) {
	case *float64:
		if val == nil {
			return "unset"
		}
		text = strconv.FormatFloat(*val, 'f', -1, 64)
	case []string:
		switch len(val) {
		case 0:
			return "unset"
		case 1:
			text = val[0]
		default: // arguments may be secrets
			text = val[0] + " …"
			if path == "fallback" {
				text = strings.Join(val, ", ")
			}
		}
	case map[string]string:
		if len(val) == 0 {
			return "unset"
		}
		text = strings.Join(slices.Sorted(maps.Keys(val)), ", ") + " (values not shown)"
	case time.Duration:
		text = FormatDuration(val)
	case string:
		if path == BaseURL {
			// Some endpoints take a key as a query.
			if address, _, ok := strings.Cut(val, "?"); ok {
				val = address + "?…"
			}
		}
		if text = val; val == "" || strings.ContainsAny(val, "\n\r\t") {
			text = strconv.Quote(val)
		}
	default:
		text = fmt.Sprint(val)
	}
	if runes := []rune(text); len(runes) > longest {
		text = string(runes[:longest]) + "…"
	}
	return text
}

// FormatDuration renders d as a person would write it into config.toml: "2m",
// not "2m0s".
func FormatDuration(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
