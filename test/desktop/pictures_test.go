//go:build desktop

package desktop

import (
	"encoding/binary"
	"flag"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"
)

var pictures = flag.Bool("pictures", false, "take the pictures of docs/editors anew")

// picture saves what is on the display as a picture of docs/editors, if the flag
// -pictures is given.
func (d *desktop) picture(name string) {
	d.t.Helper()
	if !*pictures {
		return
	}
	d.stands()
	path := filepath.Join("../../docs/editors", name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		d.t.Fatal(err)
	}
	file, err := os.Create(path)
	if err != nil {
		d.t.Fatal(err)
	}
	defer file.Close()
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(file, screen(d.t, d.frame())); err != nil {
		d.t.Fatal(err)
	}
}

// stands waits until what opens is open: the display shows the same for a moment, or
// only what moves without end still moves.
func (d *desktop) stands() {
	d.t.Helper()
	last := ""
	for tries, same := 0, 0; tries < 20 && same < 3; tries++ {
		d.xdotool("sleep", "0.1")
		now := string(d.frame())
		if same++; now != last {
			last, same = now, 0
		}
	}
}

// frame returns what is on the display, as Xvfb writes it.
func (d *desktop) frame() []byte {
	d.t.Helper()
	raw, err := os.ReadFile(filepath.Join(d.home.Dir, "run", "Xvfb_screen0"))
	if err != nil {
		d.t.Fatal(err)
	}
	return raw
}

// screen decodes a dump of X version 7 with 32 bits for a pixel, whose header is of
// words of 32 bits, the most significant byte first. It returns what is not black: the
// windows.
func screen(t *testing.T, dump []byte) image.Image {
	t.Helper()
	const (
		headerSize, version, width, height, bitsPerPixel, bytesPerLine, colours = 0, 1, 4, 5, 11, 12, 19
		colourSize                                                              = 12
	)
	word := func(i int) int { return int(binary.BigEndian.Uint32(dump[4*i:])) }
	if word(version) != 7 || word(bitsPerPixel) != 32 {
		t.Fatalf("version %d, %d bits for a pixel", word(version), word(bitsPerPixel))
	}
	pixels := dump[word(headerSize)+word(colours)*colourSize:]
	full := image.NewRGBA(image.Rect(0, 0, word(width), word(height)))
	var windows image.Rectangle
	for y := range word(height) {
		for x := range word(width) {
			p := pixels[y*word(bytesPerLine)+4*x:]
			full.SetRGBA(x, y, color.RGBA{p[2], p[1], p[0], 255})
			if p[0]|p[1]|p[2] != 0 {
				windows = windows.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return full.SubImage(windows)
}
