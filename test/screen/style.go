package screen

import "strconv"

// A Style is how a cell looks. The zero value is plain.
type Style struct {
	Foreground, Background string // "" or a CSS colour
	Bold, Dim, Italic      bool
	Underline, Struck      bool
	Reverse                bool
}

// palette is the first 16 colours, chosen for the dark window they stand in.
func palette(n int) string {
	return [16]string{
		"#484f58", "#ff7b72", "#3fb950", "#d29922", "#58a6ff", "#bc8cff", "#39c5cf", "#b1bac4",
		"#6e7681", "#ffa198", "#56d364", "#e3b341", "#79c0ff", "#d2a8ff", "#56d4dd", "#ffffff",
	}[n]
}

// set is SGR.
func (s *Style) set(parameters []int) {
	for i := 0; i < len(parameters); i++ {
		switch p := parameters[i]; {
		case p == 0:
			*s = Style{}
		case p == 1:
			s.Bold = true
		case p == 2:
			s.Dim = true
		case p == 3:
			s.Italic = true
		case p == 4:
			s.Underline = true
		case p == 7:
			s.Reverse = true
		case p == 9:
			s.Struck = true
		case p == 22:
			s.Bold, s.Dim = false, false
		case p == 23:
			s.Italic = false
		case p == 24:
			s.Underline = false
		case p == 27:
			s.Reverse = false
		case p == 29:
			s.Struck = false
		case p >= 30 && p <= 37:
			s.Foreground = palette(p - 30)
		case p >= 90 && p <= 97:
			s.Foreground = palette(p - 90 + 8)
		case p == 39:
			s.Foreground = ""
		case p >= 40 && p <= 47:
			s.Background = palette(p - 40)
		case p == 49:
			s.Background = ""
		case p == 38 || p == 48:
			colour, used := extended(parameters[i+1:])
			if i += used; p == 38 {
				s.Foreground = colour
			} else {
				s.Background = colour
			}
		}
	}
}

// extended is a colour of 256 (5;N) or of all (2;R;G;B), and how many
// parameters name it.
func extended(parameters []int) (colour string, used int) {
	switch {
	case len(parameters) >= 2 && parameters[0] == 5:
		return colour256(parameters[1]), 2
	case len(parameters) >= 4 && parameters[0] == 2:
		return rgb(parameters[1], parameters[2], parameters[3]), 4
	}
	return "", len(parameters)
}

// colour256 is xterm's palette: 16 named, a cube of 6×6×6, 24 greys.
func colour256(n int) string {
	switch {
	case n < 16:
		return palette(max(0, n))
	case n < 232:
		level := func(i int) int {
			if i == 0 {
				return 0
			}
			return 55 + 40*i
		}
		n -= 16
		return rgb(level(n/36), level(n/6%6), level(n%6))
	}
	grey := 8 + 10*(min(n, 255)-232)
	return rgb(grey, grey, grey)
}

func rgb(r, g, b int) string {
	hex := strconv.FormatInt(int64(1<<24|r<<16|g<<8|b), 16)
	return "#" + hex[1:]
}
