package settings

// Table lists every setting with its value and where it came from, in aligned
// columns, for a person.
func (s *Settings) Table() string { return "" }

// Schema returns the JSON Schema of the settings.
func Schema() []byte { return nil }
