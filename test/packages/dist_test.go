//go:build packages

package packages

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// version is what `make release` built, without the v.
func version(t *testing.T) string {
	t.Helper()
	var metadata struct{ Version string }
	if err := json.Unmarshal(dist(t, "metadata.json"), &metadata); err != nil {
		t.Fatal(err)
	}
	return metadata.Version
}

// dist returns a file of the release.
func dist(t *testing.T, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(root, "dist", filepath.FromSlash(name)))
	if err != nil {
		t.Fatalf("%v: run make release", err)
	}
	return raw
}

// A part is a file in an archive.
type part struct {
	name string
	mode os.FileMode
	time time.Time
	text []byte
}

// A list of what is uploaded names every file, with its hash, and no other.
func TestChecksums(t *testing.T) {
	v := version(t)
	packaged := v
	if strings.HasSuffix(v, "-next") {
		packaged = "*" // each package manager writes a version that is none yet in its own way
	}
	want := []string{
		"llmls_" + v + "_sbom.cdx.json", "llmls.nvim_" + v + ".tar.gz", "llmls-universal.vsix",
		"llmls_" + packaged + "_amd64.deb", "llmls_" + packaged + "_arm64.deb", "llmls-" + packaged + "-1.x86_64.rpm", "llmls-" + packaged + "-1.aarch64.rpm",
		"llmls_" + packaged + "_x86_64.apk", "llmls_" + packaged + "_aarch64.apk",
	}
	for _, p := range platforms {
		want = append(want, p.archive(v), "llmls-"+p.vscode+".vsix")
	}
	listed := map[string]string{}
	for line := range strings.Lines(string(dist(t, "checksums.txt"))) {
		hash, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		listed[name] = hash
	}
	for _, pattern := range want {
		found := 0
		for name := range listed {
			if ok, err := filepath.Match(pattern, name); ok && err == nil {
				found++
			}
		}
		if found != 1 {
			t.Errorf("%d files in checksums.txt are %s", found, pattern)
		}
	}
	if len(listed) != len(want) {
		t.Errorf("checksums.txt has %d files, want %d", len(listed), len(want))
	}
	for name, hash := range listed {
		if got := fmt.Sprintf("%x", sha256.Sum256(dist(t, "assets/"+name))); got != hash {
			t.Errorf("%s has another hash than checksums.txt says", name)
		}
	}
	uploaded, err := os.ReadDir(filepath.Join(root, "dist/assets"))
	if err != nil || len(uploaded) != len(listed)+1 {
		t.Errorf("%d files are uploaded, and checksums.txt has %d: %v", len(uploaded), len(listed), err)
	}
}

// A platform has Go's names, and VS Code's.
type platform struct{ os, arch, vscode string }

var platforms = []platform{
	{"linux", "amd64", "linux-x64"},
	{"linux", "arm64", "linux-arm64"},
	{"darwin", "amd64", "darwin-x64"},
	{"darwin", "arm64", "darwin-arm64"},
	{"windows", "amd64", "win32-x64"},
	{"windows", "arm64", "win32-arm64"},
}

func (p platform) archive(version string) string {
	suffix := ".tar.gz"
	if p.os == "windows" {
		suffix = ".zip"
	}
	return "llmls_" + version + "_" + p.os + "_" + p.arch + suffix
}

func (p platform) program() string {
	if p.os == "windows" {
		return "llmls.exe"
	}
	return "llmls"
}

// Each archive has the program for its platform, the licence, the README, every manual
// page and every completion, dated as the commit.
func TestArchives(t *testing.T) {
	v := version(t)
	for _, p := range platforms {
		t.Run(p.vscode, func(t *testing.T) {
			raw := dist(t, "assets/"+p.archive(v))
			read := untar
			if p.os == "windows" {
				read = unzip
			}
			var names []string
			for _, part := range read(t, raw) {
				names = append(names, part.name)
				want := os.FileMode(0o644)
				if part.name == p.program() {
					want = 0o755
					p.built(t, part.text)
				}
				if part.mode.Perm() != want {
					t.Errorf("%s has the permissions %o", part.name, part.mode)
				}
				if age := part.time.Sub(committed(t)).Abs(); age > 2*time.Second { // zip counts in twos
					t.Errorf("%s is of %s", part.name, part.time)
				}
			}
			want := []string{"LICENSE", "README.md", p.program()}
			for _, dir := range []string{"man", "completions"} {
				files, err := os.ReadDir(filepath.Join(root, ".cache/release/reference", dir))
				if err != nil {
					t.Fatal(err)
				}
				for _, file := range files {
					want = append(want, dir+"/"+file.Name())
				}
			}
			slices.Sort(names)
			slices.Sort(want)
			if diff := cmp.Diff(want, names); diff != "" {
				t.Error("(- what belongs into it, + what is in it)\n", diff)
			}
		})
	}
}

// The extension of each platform has the program for it, and the version of the tag;
// the universal one has no program.
func TestExtensions(t *testing.T) {
	for _, p := range append(slices.Clone(platforms), platform{vscode: "universal"}) {
		t.Run(p.vscode, func(t *testing.T) {
			programs := 0
			for _, part := range unzip(t, dist(t, "assets/llmls-"+p.vscode+".vsix")) {
				switch {
				case part.name == "extension/package.json":
					var manifest struct{ Version string }
					if err := json.Unmarshal(part.text, &manifest); err != nil || !strings.HasSuffix(version(t), "-next") && manifest.Version != version(t) {
						t.Errorf("its version is %s: %v", manifest.Version, err)
					}
				case part.name == "extension.vsixmanifest":
					if target := `TargetPlatform="` + p.vscode + `"`; p.os != "" && !strings.Contains(string(part.text), target) {
						t.Errorf("its manifest has no %s", target)
					}
				case strings.HasPrefix(part.name, "extension/bin/"):
					programs++
					if part.name != "extension/bin/"+p.program() {
						t.Errorf("it has %s", part.name)
					}
					p.built(t, part.text)
				}
			}
			if (programs == 1) != (p.os != "") {
				t.Errorf("it has %d programs", programs)
			}
		})
	}
}

// The list of what is inside has each module of the program, and no other.
func TestBillOfMaterials(t *testing.T) {
	var bom struct {
		BomFormat  string
		Components []struct{ Name, Version string }
	}
	if err := json.Unmarshal(dist(t, "assets/llmls_"+version(t)+"_sbom.cdx.json"), &bom); err != nil || bom.BomFormat != "CycloneDX" {
		t.Fatalf("format %q: %v", bom.BomFormat, err)
	}
	var listed, linked []string
	for _, c := range bom.Components {
		listed = append(listed, c.Name+" "+c.Version)
	}
	for _, part := range untar(t, dist(t, "assets/"+platforms[0].archive(version(t)))) {
		if part.name == "llmls" {
			info, err := buildinfo.Read(bytes.NewReader(part.text))
			if err != nil {
				t.Fatal(err)
			}
			for _, dep := range info.Deps {
				linked = append(linked, dep.Path+" "+dep.Version)
			}
		}
	}
	slices.Sort(listed)
	slices.Sort(linked)
	if diff := cmp.Diff(linked, listed); diff != "" || len(linked) == 0 {
		t.Error("(- what is linked, + what is listed)\n", diff)
	}
}

// built checks that the program is for p, of this commit and of no changed tree.
func (p platform) built(t *testing.T, program []byte) {
	t.Helper()
	info, err := buildinfo.Read(bytes.NewReader(program))
	if err != nil {
		t.Fatal(err)
	}
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	for key, want := range map[string]string{
		"GOOS": p.os, "GOARCH": p.arch, "CGO_ENABLED": "0", "-trimpath": "true", "vcs.modified": "false", "vcs.revision": git(t, "rev-parse", "HEAD"),
	} {
		if settings[key] != want {
			t.Errorf("%s is %q, want %q", key, settings[key], want)
		}
	}
	if v := version(t); !strings.HasSuffix(v, "-next") && info.Main.Version != "v"+v {
		t.Errorf("the program says that it is %s, of the release %s", info.Main.Version, v)
	}
}

func committed(t *testing.T) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, git(t, "log", "-1", "--format=%cI"))
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func git(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command("git", append([]string{"-C", root}, args...)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

func untar(t *testing.T, raw []byte) []part {
	t.Helper()
	unzipped, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	var parts []part
	for files := tar.NewReader(unzipped); ; {
		header, err := files.Next()
		if err == io.EOF {
			return parts
		} else if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(files)
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, part{header.Name, header.FileInfo().Mode(), header.ModTime, text})
	}
}

func unzip(t *testing.T, raw []byte) []part {
	t.Helper()
	files, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	var parts []part
	for _, file := range files.File {
		in, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, part{file.Name, file.Mode(), file.Modified, text})
	}
	return parts
}
