package settings

import (
	"bytes"
	"errors"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// section is the name that editors keep the settings under.
const section = "llmls"

// DecodeJSON reads what an editor sent. It accepts the settings bare or under
// "llmls", nested or by dotted names, and an empty array for an empty object,
// as Lua clients send it; of OriginConfiguration also the whole answer, an
// array of one. Null, or nothing, sets nothing. What is no object forbids sending,
// see Settings.Stop: an endpoint may be meant. A key that is unknown or has a
// bad value is a Problem, and does not keep the others from being set.
func DecodeJSON(origin Origin, raw []byte) (Layer, []Problem) {
	d := decoder{layer: Layer{origin: origin}, source: origin.String()}
	if len(bytes.TrimSpace(raw)) == 0 {
		return d.layer, nil
	}
	root, err := parseJSON(raw)
	if err != nil {
		d.stop("", detailNotJSON)
		return d.layer, d.problems
	}
	d.root(root)
	return d.layer, d.problems
}

// DecodeTOML reads config.toml, under the same rules as DecodeJSON. The path
// is for messages. Data that is not TOML sets nothing and forbids sending; see
// Settings.Stop. Data may be UTF-16 if it begins with a byte-order mark, as editors
// on Windows write it.
func DecodeTOML(path string, data []byte) (Layer, []Problem) {
	d := decoder{layer: Layer{origin: OriginFile}, source: path}
	var root map[string]any
	text := DecodeText(string(data))
	if err := toml.Unmarshal([]byte(text), &root); err != nil {
		line, column := 1, 1
		if at, ok := errors.AsType[*toml.DecodeError](err); ok {
			line, column = at.Position()
		}
		// The error's own text may quote the file.
		return unread(path, notTOML(line, column, text)), nil
	}
	d.root(fromTOML(root))
	return d.layer, d.problems
}

// A decoder collects the settings of one source.
type decoder struct {
	layer    Layer
	source   string
	problems []Problem
	looked   int // names that the nearest setting was looked for
	// shared is set while reading an object that also holds the settings of
	// other servers.
	shared bool
}

func (d *decoder) root(v any) {
	if list, ok := v.([]any); ok && len(list) == 1 && d.layer.origin == OriginConfiguration {
		v = list[0]
	}
	members, ok := asObject(v)
	if !ok {
		d.notGroup("", v)
		return
	}
	// What stands under "llmls" is more specific and therefore comes last.
	var bare, ours object
	for _, m := range members {
		if m.name == section {
			nested, ok := asObject(m.value)
			if !ok {
				d.stop(section, notAnObject(m.value))
			}
			ours = append(ours, nested...)
			d.shared = true
		} else if name, ok := strings.CutPrefix(m.name, section+"."); ok {
			ours = append(ours, member{name, m.value})
			d.shared = true
		} else {
			bare = append(bare, m)
		}
	}
	// Eglot pushes the settings of every server of the workspace to each.
	d.shared = d.layer.origin.editor() && (d.shared || d.layer.origin == OriginDidChange)
	d.members("", bare)
	d.shared = false
	d.members("", ours)
}

// asObject returns v as an object. Null and an empty array count as an empty object.
func asObject(v any) (object, bool) {
	switch v := v.(type) {
	case nil:
		return nil, true
	case object:
		return v, true
	case []any:
		return nil, len(v) == 0
	default:
		return nil, false
	}
}

func (d *decoder) members(prefix string, members object) {
	for _, m := range members {
		path := prefix + m.name
		switch k := findKey(path); {
		case k != nil:
			d.set(k, m.value)
		case path == endpointsTable:
			d.endpoints(m.value)
		case isGroup(path) && isSwitch(path, m.value):
			d.set(findKey(path+switchName), m.value)
		case isGroup(path):
			nested, ok := asObject(m.value)
			if !ok {
				d.notGroup(path, m.value)
			}
			d.members(path+".", nested)
		default:
			d.unknown(path, m.value)
		}
	}
}

// notGroup reports a value that stands in place of a group, or of all settings. An
// endpoint may stand in it: in place of all, in any that holds text. Some editors
// answer with a number or a boolean.
func (d *decoder) notGroup(path string, v any) {
	tell := d.report
	if _, g := d.inside(path, v, guess{}); g.route || path == "" && holdsText(v) {
		tell = d.stop
	}
	tell(path, notAnObject(v))
}

func holdsText(v any) bool {
	_, list := v.([]any)
	text, _ := v.(string)
	return list || text != ""
}

// switchName ends the path of the setting that turns a group on or off.
const switchName = ".enabled"

// isSwitch reports whether v, the value of a whole group, turns that on or off, as
// in history = false.
func isSwitch(group string, v any) bool {
	_, ok := v.(bool)
	return ok && findKey(group+switchName) != nil
}

// set sets k to v, or reports a problem if k does not accept v or d's source must
// not set k.
func (d *decoder) set(k *key, v any) {
	if v == nil || v == "" && k.path == endpointName && d.layer.origin.editor() {
		return
	}
	val, err := k.convert(v)
	switch byEditor := d.layer.origin.editor() && k.userOnly; {
	case byEditor && v == "":
		return // counts as null
	case byEditor && k.kind == kindHeaders:
		if members, ok := asObject(v); !ok || len(members) > 0 {
			d.stop(k.path, detailUserOnly)
		}
		return
	case err != nil && k.route:
		d.stop(k.path, err.Error())
		return
	case byEditor:
		// VS Code sends the default of every setting that is not set.
		if err != nil || !k.isDefault(val) {
			d.report(k.path, detailUserOnly)
		}
		return
	case err != nil:
		d.report(k.path, kept(err))
		return
	}
	d.layer.values = append(d.layer.values, value{k, val, d.source})
}

// unknown reports a name that no setting has.
func (d *decoder) unknown(path string, v any) {
	if len(path) > maxPath {
		d.stop(shown(path), unknownSetting(""))
		return
	}
	_, nested := v.(object)
	head, _, dotted := strings.Cut(path, ".")
	if d.shared && (nested || dotted) && !isGroup(head) && !namesEndpoints(path) { // another server's
		if !nested {
			d.report(shown(path), unknownSetting(d.guess(path).near))
		}
		return
	}
	at, g := d.search(path, ownName(path), v)
	detail := unknownSetting(g.near)
	if looksLikeKey(at) {
		detail = detailKeyIsNoSetting
	}
	if g.route {
		d.stop(shown(at), detail)
		return
	}
	d.report(shown(at), detail)
}

// search returns the guess for path, whose last element is name, or for a name inside its
// value if that guess is more specific.
func (d *decoder) search(path, name string, v any) (at string, g guess) {
	g = d.guess(path)
	// An editor's names have dots between groups; in config.toml these are members.
	if strings.ContainsAny(name, ":/") || d.layer.origin == OriginFile {
		g.route = g.route || looksLikeAddress(name)
	}
	if _, text := v.(string); text && path == "$schema" {
		return path, g
	}
	return d.inside(path, v, g)
}

// inside is search for v alone, where g is the guess for path.
func (d *decoder) inside(path string, v any, g guess) (string, guess) {
	at := path
	g.route = g.route || isAddress(v)
	for _, m := range membersOf(v) {
		if g.route {
			break
		}
		if inner, found := d.search(path+"."+m.name, m.name, m.value); found.route || g.near == "" && found.near != "" {
			at, g = inner, found
		}
	}
	return at, g
}

// ownName returns path without its first element if that is one of our groups.
func ownName(path string) string {
	if group, name, ok := strings.Cut(path, "."); ok && isGroup(group) {
		return name
	}
	return path
}

// membersOf returns the members of an object, or of the objects in an array.
func membersOf(v any) object {
	switch v := v.(type) {
	case object:
		return v
	case []any:
		var all object
		for _, element := range v {
			all = append(all, membersOf(element)...)
		}
		return all
	}
	return nil
}

// maxLooked bounds the time for input that is nothing but unknown names.
const maxLooked = 200

// maxPath is the length of the longest name that is looked into, in bytes. What
// it stands for is not known, as with maxLooked.
const maxPath = 1 << 10

// guess is guessAt. After too many unknown names it assumes that the name decides where
// code goes, which forbids sending.
func (d *decoder) guess(path string) guess {
	if d.looked++; d.looked > maxLooked {
		return guess{route: true}
	}
	return guessAt(path)
}

// maxReported is how many problems one source may have: enough for a person,
// and a bound for input that is nothing but problems.
const maxReported = 50

func (d *decoder) report(key, detail string) {
	if len(d.problems) < maxReported {
		d.problems = append(d.problems, Problem{Source: d.source, Key: key, Detail: detail})
	}
}

// stop is report for a problem that must be corrected before anything is sent.
func (d *decoder) stop(key, detail string) {
	if len(d.layer.stops) < maxReported {
		d.layer.stops = append(d.layer.stops, Problem{Source: d.source, Key: key, Detail: detail})
	}
}

// looksLikeKey reports whether path is a name for the key itself.
func looksLikeKey(path string) bool {
	name := strings.ToLower(path[strings.LastIndexByte(path, '.')+1:])
	name = strings.NewReplacer("_", "", "-", "", " ", "").Replace(name)
	switch name {
	case "key", "token", "apitoken", "accesstoken", "authtoken", "bearer", "bearertoken",
		"secret", "apisecret", "secretkey", "password", "authorization":
		return true
	}
	return strings.HasSuffix(name, "apikey")
}

// shown returns name for a message, or a part of it: it may be a key that was pasted by
// mistake.
func shown(name string) string {
	const longest = 40 // more than the longest name and a few typos
	hidden := "a name of " + strconv.Itoa(len(name)) + " bytes"
	if name == "" || len(name) > longest {
		return hidden
	}
	plain := !strings.ContainsFunc(name, func(r rune) bool {
		return r != '.' && r != '_' && r != '-' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	})
	digits := 0
	for _, r := range name {
		if r >= '0' && r <= '9' {
			digits++
		}
	}
	if plain && digits < 4 {
		return name
	}
	return hidden
}
