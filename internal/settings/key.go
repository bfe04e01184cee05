package settings

import (
	"reflect"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Names of settings that the code refers to.
const (
	BaseURL = "baseUrl"
	caFile  = "caFile"

	endpointName   = "endpoint"
	endpointsTable = "endpoints" // of config.toml; see endpoints.go
)

// A key is one setting: a leaf of Options.
type key struct {
	path     string // such as "timeouts.idle"
	index    []int  // for reflect.Value.FieldByIndex, of Options or of a Connection
	kind     kind
	min, max float64 // of a number; of a duration, in seconds
	enum     []string
	check    string
	route    bool // decides where code goes, or with which key
	userOnly bool
	variable string // of the environment, "" if none holds it
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
	kindHeaders
)

// keys lists the settings in the order of Options. Reflection over Options
// happens once, when they are first needed.
var keys = sync.OnceValue(func() []key {
	return appendKeys(make([]key, 0, 32), reflect.TypeFor[Options](), "", nil)
})

// connectionKeys lists the settings that each endpoint has.
var connectionKeys = sync.OnceValue(func() []key {
	return appendKeys(make([]key, 0, 16), reflect.TypeFor[Connection](), "", nil)
})

func appendKeys(list []key, t reflect.Type, prefix string, index []int) []key {
	for i := range t.NumField() {
		field := t.Field(i)
		path := prefix + field.Tag.Get("json")
		at := append(index[:len(index):len(index)], i)
		if field.Anonymous {
			list = appendKeys(list, field.Type, prefix, at)
			continue
		}
		if field.Type.Kind() == reflect.Struct {
			list = appendKeys(list, field.Type, path+".", at)
			continue
		}
		k := key{
			path: path, index: at, kind: kindOf(field.Type), check: field.Tag.Get("check"), variable: field.Tag.Get("env"),
			route: field.Tag.Get("route") == "true", userOnly: field.Tag.Get("scope") == "user",
		}
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
	case t.Kind() == reflect.Map:
		return kindHeaders
	}
	panic("settings: no kind for " + t.String())
}

// findKey returns the setting called path, or nil.
func findKey(path string) *key { return keyIn(keys(), path) }

func keyIn(list []key, path string) *key {
	for i := range list {
		if list[i].path == path {
			return &list[i]
		}
	}
	return nil
}

// isGroup reports whether path is the name of a group such as "timeouts".
func isGroup(path string) bool {
	for _, k := range keys() {
		if strings.HasPrefix(k.path, path) && len(k.path) > len(path) && k.path[len(path)] == '.' {
			return true
		}
	}
	return false
}

// set sets k in to, a pointer to the struct that k is of.
func (k *key) set(to, val any) {
	reflect.ValueOf(to).Elem().FieldByIndex(k.index).Set(reflect.ValueOf(val))
}

func (k *key) get(from any) any {
	return reflect.ValueOf(from).Elem().FieldByIndex(k.index).Interface()
}
