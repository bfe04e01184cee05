package settings

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// An object keeps the order of its members: of two with one name, the later
// wins.
type object []member

type member struct {
	name  string
	value any // nil, bool, float64, string, []any or object
}

// opaque is a value of a type that no setting has, such as a date.
type opaque struct{}

// parseJSON is used instead of unmarshalling into any because that gives up at
// a number such as 1e999, and the settings beside it would be lost.
func parseJSON(raw []byte) (any, error) {
	dec := jsontext.NewDecoder(bytes.NewBuffer(raw), // a Buffer is not copied
		jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
	v, err := parseValue(dec)
	if err != nil {
		return nil, err
	}
	if _, err := dec.ReadToken(); err != io.EOF {
		return nil, errors.New("data after the value")
	}
	return v, nil
}

// parseValue recurses no deeper than jsontext allows, which is 10,000 levels.
func parseValue(dec *jsontext.Decoder) (any, error) {
	token, err := dec.ReadToken()
	if err != nil {
		return nil, err
	}
	switch token.Kind() {
	case '{':
		members := object{}
		for dec.PeekKind() != '}' {
			name, err := dec.ReadToken()
			if err != nil {
				return nil, err
			}
			m := member{name: name.String()}
			if m.value, err = parseValue(dec); err != nil {
				return nil, err
			}
			members = append(members, m)
		}
		_, err = dec.ReadToken()
		return members, err
	case '[':
		list := []any{}
		for dec.PeekKind() != ']' {
			v, err := parseValue(dec)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err = dec.ReadToken()
		return list, err
	case '"':
		return token.String(), nil
	case '0':
		f, _ := token.Float() // too large is infinite, which no setting allows
		return f, nil
	case 'n':
		return nil, nil
	default:
		return token.Kind() == 't', nil
	}
}

func fromTOML(v any) any {
	switch v := v.(type) {
	case map[string]any:
		members := make(object, 0, len(v))
		for name, value := range v {
			members = append(members, member{name, fromTOML(value)})
		}
		slices.SortFunc(members, func(a, b member) int { return strings.Compare(a.name, b.name) })
		return members
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = fromTOML(v[i])
		}
		return list
	case int64:
		return float64(v)
	case float64, string, bool:
		return v
	default:
		return opaque{}
	}
}
