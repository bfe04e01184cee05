package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/llmls/llmls/internal/settings"
)

// A setting is one leaf of settings.Options.
type setting struct {
	path     string // such as "timeouts.idle"
	doc      string // one paragraph of Markdown
	kind     string // "string", "strings", "integer", "number", "boolean", "duration" or "headers"
	value    any    // the default; nil if there is none
	min, max string // of a number; of a duration, in seconds
	enum     []string
	group    string // the comment of its group, if it is in one
	scope    string // "user", "machine" or "window"
	check    string
	inVSCode bool
	ofEach   bool // each endpoint has one of its own
}

// read lists the settings in the order of Options.
func read(source string) ([]setting, error) {
	file, err := parser.ParseFile(token.NewFileSet(), source, nil, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	structs := map[string]structDoc{}
	for _, decl := range file.Decls {
		decl, ok := decl.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range decl.Specs {
			if spec, ok := spec.(*ast.TypeSpec); ok {
				if t, ok := spec.Type.(*ast.StructType); ok {
					structs[spec.Name.Name] = newStructDoc(decl.Doc.Text(), t)
				}
			}
		}
	}
	return walk(structs, reflect.ValueOf(settings.Default()), "")
}

// A structDoc is the comments of a struct and, by name, of its fields.
type structDoc struct {
	doc    string
	fields map[string]string
}

func newStructDoc(doc string, t *ast.StructType) structDoc {
	d := structDoc{doc: paragraph(doc), fields: map[string]string{}}
	for _, field := range t.Fields.List {
		for _, name := range field.Names {
			d.fields[name.Name] = paragraph(field.Doc.Text())
		}
	}
	return d
}

func paragraph(comment string) string { return strings.Join(strings.Fields(comment), " ") }

func walk(structs map[string]structDoc, v reflect.Value, prefix string) ([]setting, error) {
	var list []setting
	docs := structs[v.Type().Name()]
	for i := range v.NumField() {
		field := v.Type().Field(i)
		path := prefix + field.Tag.Get("json")
		if field.Anonymous {
			inner, err := walk(structs, v.Field(i), prefix)
			if err != nil {
				return nil, err
			}
			for _, s := range inner {
				s.ofEach, s.group = true, ""
				list = append(list, s)
			}
			continue
		}
		if field.Type.Kind() == reflect.Struct {
			inner, err := walk(structs, v.Field(i), path+".")
			if err != nil {
				return nil, err
			}
			list = append(list, inner...)
			continue
		}
		s := setting{
			path: path, doc: docs.fields[field.Name], min: field.Tag.Get("min"), max: field.Tag.Get("max"),
			scope: field.Tag.Get("scope"), check: field.Tag.Get("check"),
		}
		s.inVSCode = s.scope != "user" && field.Tag.Get("vscode") != "none"
		if s.doc == "" {
			return nil, fmt.Errorf("read the settings: %s.%s has no comment", v.Type().Name(), field.Name)
		}
		if !slices.Contains([]string{"user", "machine", "window"}, s.scope) {
			return nil, fmt.Errorf("read the settings: %s has the unknown scope %q", path, s.scope)
		}
		if enum := field.Tag.Get("enum"); enum != "" {
			s.enum = strings.Split(enum, ",")
		}
		if prefix != "" {
			s.group = docs.doc
		}
		if err := s.setDefault(v.Field(i)); err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, nil
}

// setDefault sets kind and value from the field of settings.Default.
func (s *setting) setDefault(v reflect.Value) error {
	switch val := v.Interface().(type) {
	case string:
		s.kind, s.value = "string", val
	case int:
		s.kind, s.value = "integer", val
	case time.Duration:
		s.kind, s.value = "duration", settings.FormatDuration(val)
	case []string:
		s.kind, s.value = "strings", append([]string{}, val...)
	case bool:
		s.kind, s.value = "boolean", val
	case *float64:
		s.kind = "number"
	case map[string]string:
		s.kind, s.value = "headers", map[string]string{}
	default:
		return fmt.Errorf("read the settings: %s is of the unknown type %s", s.path, v.Type())
	}
	return nil
}

// literal is the default as JSON and TOML write it, "" if there is none.
func (s *setting) literal() string {
	switch val := s.value.(type) {
	case nil:
		return ""
	case string:
		return strconv.Quote(val)
	case []string:
		return "[]" // no list has another default
	case map[string]string:
		return "{}"
	default:
		return fmt.Sprint(val)
	}
}
