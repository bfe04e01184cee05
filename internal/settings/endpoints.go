package settings

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/llmls/llmls/internal/completion"
)

// DefaultEndpoint is the name of the endpoint that the settings at the top level
// describe.
const DefaultEndpoint = "default"

// An endpoint is a table [endpoints.NAME] of config.toml. Its values are of
// connectionKeys.
type endpoint struct {
	name   string
	values []value
}

// endpoints reads the table of them, which is config.toml's alone: what an editor
// sends may come from a repository.
func (d *decoder) endpoints(v any) {
	members, ok := asObject(v)
	switch {
	case d.layer.origin.editor():
		if !ok || len(members) > 0 {
			d.stop(endpointsTable, detailUserOnly)
		}
		return
	case !ok || members == nil:
		d.stop(endpointsTable, notEndpoints(v))
		return
	}
	for _, m := range members {
		d.endpoint(m)
	}
}

// endpoint reads one of them. An endpoint must not be used in part, so any problem
// in it forbids sending.
func (d *decoder) endpoint(table member) {
	path := endpointsTable + "." + shown(table.name)
	members, ok := table.value.(object)
	switch {
	case !ok:
		d.stop(path, notEndpoints(table.value))
		return
	case table.name == DefaultEndpoint:
		d.stop(path, detailDefaultEndpoint)
		return
	case !isEndpointName(table.name):
		d.stop(path, detailEndpointName)
		return
	}
	e := endpoint{name: table.name}
	for _, m := range members {
		k := keyIn(connectionKeys(), m.name)
		if k == nil {
			d.unknownInEndpoint(path, m)
			continue
		}
		val, err := k.convert(m.value)
		if err != nil {
			d.stop(path+"."+k.path, err.Error())
			continue
		}
		e.values = append(e.values, value{k, val, d.source + ", [" + endpointsTable + "." + e.name + "]"})
	}
	if !slices.ContainsFunc(members, func(m member) bool { return m.name == BaseURL }) {
		d.stop(path, detailEndpointBase)
	}
	d.layer.endpoints = append(d.layer.endpoints, e)
}

// unknownInEndpoint forbids sending if a name is close to a setting of endpoints:
// each of these decides where code goes or how.
func (d *decoder) unknownInEndpoint(path string, m member) {
	full := path + "." + shown(m.name)
	if near := nearestOf(connectionKeys(), m.name); near != "" {
		d.stop(full, unknownSetting(path+"."+near))
		return
	}
	_, g := d.search(m.name, m.name, m.value)
	switch {
	case looksLikeKey(m.name):
		d.stop(full, detailKeyIsNoSetting)
	case g.route:
		d.stop(full, unknownSetting(g.near))
	case findKey(m.name) != nil || isGroup(m.name):
		d.report(full, detailTopLevelOnly)
	default:
		d.report(full, unknownSetting(""))
	}
}

// maxEndpointName keeps names short enough to be chosen from a list.
const maxEndpointName = 64

func isEndpointName(name string) bool {
	return name != "" && len(name) <= maxEndpointName && name == strings.TrimSpace(name) && printable(name, "")
}

// checkNames forbids sending if a setting names an endpoint that does not exist,
// whatever layer set it, even if another layer overrides it.
func (s *Settings) checkNames(layer Layer) {
	for _, v := range layer.values {
		var names []string
		switch v.key.check {
		case "endpoint":
			names = []string{v.val.(string)}
		case "endpoints":
			names = v.val.([]string)
		}
		for _, name := range names {
			if !slices.Contains(s.Endpoints(), name) {
				detail := noEndpointCalled(name, s.Endpoints())
				if isAddress(name) {
					detail = detailAddressIsNoName
				}
				s.stops = append(s.stops, Problem{Source: v.source, Key: v.key.path, Detail: detail})
			}
		}
	}
}

// Endpoints returns the names of the endpoints, first that of the one at the top
// level.
func (s *Settings) Endpoints() []string {
	names := []string{DefaultEndpoint}
	for _, e := range s.endpoints {
		names = append(names, e.name)
	}
	return names
}

// All returns the settings as they are with each of the endpoints.
func (s *Settings) All() []Settings {
	var all []Settings
	for _, name := range s.Endpoints() {
		all = append(all, s.choose(name))
	}
	return all
}

// Fallbacks returns the settings with each endpoint that is asked when the one
// that answers fails, in their order, each once.
func (s *Settings) Fallbacks() []Settings {
	var list []Settings
	asked := []string{s.Endpoint}
	for _, name := range s.Fallback {
		if !slices.Contains(asked, name) {
			asked, list = append(asked, name), append(list, s.choose(name))
		}
	}
	return list
}

// With returns the settings for one request that names an endpoint, a model, both
// or, with "", neither. It fails with a *completion.Error of kind Config if there
// is no such endpoint, and as Stop does.
func (s *Settings) With(name, model string) (Settings, error) {
	if name == "" {
		name = s.Endpoint
	}
	if err := s.Stop(); err != nil {
		return *s, err
	}
	if !slices.Contains(s.Endpoints(), name) {
		return *s, &completion.Error{
			Kind: completion.Config, Reason: completion.UnknownEndpoint, Detail: completion.DetailUnknownEndpoint(shownEndpoint(name), s.Endpoints()),
		}
	}
	chosen := s.choose(name)
	if model != "" {
		chosen.Model = model
		chosen.origins["model"] = place{OriginRequest, OriginRequest.String()}
	}
	return chosen, nil
}

// choose returns the settings with the Connection of the endpoint of that name, which
// must exist.
func (s *Settings) choose(name string) Settings {
	top := s.top
	if top == nil {
		top = s
	}
	chosen := *top
	chosen.top, chosen.origins = top, maps.Clone(top.origins)
	if name == DefaultEndpoint {
		chosen.Endpoint = name
		return chosen
	}
	chosen.isolate()
	for _, e := range top.endpoints {
		if e.name == name {
			for _, v := range e.values {
				chosen.take(v, OriginFile)
			}
		}
	}
	if name == top.Endpoint {
		// What the environment and the editor say about the model is about the
		// endpoint that the settings choose.
		for _, k := range connectionKeys() {
			if from := top.origins[k.path]; !k.bound() && from.origin > OriginFile {
				chosen.take(value{&k, k.get(&top.Connection), from.source}, from.origin)
			}
		}
	}
	chosen.Endpoint, chosen.named, chosen.filed = name, []string{chosen.BaseURL}, chosen.BaseURL
	return chosen
}

func (s *Settings) take(v value, from Origin) {
	v.key.set(&s.Connection, v.val)
	s.origins[v.key.path] = place{from, v.source}
}

// isolate removes from s what belongs only to the endpoint at the top level. A caFile
// from the environment stays, because it holds for the whole system.
func (s *Settings) isolate() {
	empty := Connection{API: Default().API}
	for _, k := range connectionKeys() {
		if k.bound() && (k.path != caFile || s.origins[caFile].origin != OriginEnvironment) {
			k.set(&s.Connection, k.get(&empty))
			delete(s.origins, k.path)
		}
	}
}

// bound reports whether k belongs to one endpoint: it decides where requests go,
// with which key, or how they are protected. Other settings are about what is
// asked, and hold for every endpoint that does not override them.
func (k *key) bound() bool { return k.route || k.userOnly }

// shownEndpoint returns name for a message, or a part of it, as shown does.
func shownEndpoint(name string) string {
	if isEndpointName(name) && shown(fold(name)) == fold(name) {
		return fmt.Sprintf("%q", name)
	}
	return shown(name)
}
