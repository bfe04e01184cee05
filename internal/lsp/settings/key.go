package settings

import (
	"reflect"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Names of settings that the code of this package speaks of.
const (
	keyModel    = "model"
	keyBaseURL  = "baseUrl"
	keyLogLevel = "logLevel"
	keyCAFile   = "caFile"
)

// A key is one setting: a leaf of Options.
type key struct {
	path     string // such as "timeouts.idle"
	index    []int  // for reflect.Value.FieldByIndex
	kind     kind
	min, max float64 // of a number; of a duration, in seconds
	enum     []string
	check    string
}

// A kind is the type of a setting.
type kind uint8

const (
	kindString kind = iota
	kindStrings
	kindInt
	kindBool
	kindFloat // a pointer: it may be unset
	kindDuration
)

// keys lists the settings in the order of Options. Reflection over Options
// happens once, when they are first needed.
var keys = sync.OnceValue(func() []key {
	return appendKeys(make([]key, 0, 24), reflect.TypeFor[Options](), "", nil)
})

func appendKeys(list []key, t reflect.Type, prefix string, index []int) []key {
	for i := range t.NumField() {
		field := t.Field(i)
		path := prefix + field.Tag.Get("json")
		at := append(index[:len(index):len(index)], i)
		if field.Type.Kind() == reflect.Struct {
			list = appendKeys(list, field.Type, path+".", at)
			continue
		}
		k := key{path: path, index: at, kind: kindOf(field.Type), check: field.Tag.Get("check")}
		k.min, _ = strconv.ParseFloat(field.Tag.Get("min"), 64)
		k.max, _ = strconv.ParseFloat(field.Tag.Get("max"), 64)
		if enum := field.Tag.Get("enum"); enum != "" {
			k.enum = strings.Split(enum, ",")
		}
		list = append(list, k)
	}
	return list
}

func kindOf(t reflect.Type) kind {
	switch {
	case t == reflect.TypeFor[time.Duration]():
		return kindDuration
	case t.Kind() == reflect.String:
		return kindString
	case t.Kind() == reflect.Int:
		return kindInt
	case t.Kind() == reflect.Slice:
		return kindStrings
	case t.Kind() == reflect.Bool:
		return kindBool
	case t.Kind() == reflect.Pointer:
		return kindFloat
	}
	panic("settings: no kind for " + t.String())
}

// findKey returns the setting called path, or nil.
func findKey(path string) *key {
	list := keys()
	for i := range list {
		if list[i].path == path {
			return &list[i]
		}
	}
	return nil
}

// isGroup tells whether path is the name of a group such as "timeouts".
func isGroup(path string) bool {
	for _, k := range keys() {
		if strings.HasPrefix(k.path, path) && len(k.path) > len(path) && k.path[len(path)] == '.' {
			return true
		}
	}
	return false
}

func (k *key) set(o *Options, val any) {
	reflect.ValueOf(o).Elem().FieldByIndex(k.index).Set(reflect.ValueOf(val))
}

func (k *key) get(o *Options) any {
	return reflect.ValueOf(o).Elem().FieldByIndex(k.index).Interface()
}
