package docs

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A workflow runs what was reviewed: each action is pinned by its hash, and has its
// version beside it. A fork starts only what may read and knows no secret, and no
// name that somebody chose is a part of a script.
func TestWorkflows(t *testing.T) {
	names, err := filepath.Glob(filepath.Join(root, ".github/workflows/*"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no workflow was found: %v", err)
	}
	for _, name := range names {
		for _, wrong := range workflowFaults(read(t, ".github/workflows/"+filepath.Base(name))) {
			t.Errorf("%s: %s", name, wrong)
		}
	}
}

var (
	usedAction   = regexp.MustCompile(`(?m)^[\s-]*uses:\s*(.*)$`)
	pinnedAction = regexp.MustCompile(`^[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)
	secret       = regexp.MustCompile(`\$\{\{[^}]*\bsecrets\b|\bsecrets:`)
	forkStarts   = regexp.MustCompile(`(?m)^ +(pull_request\w*|issue\w*|discussion\w*|workflow_run|fork|watch):`)
	mayWrite     = regexp.MustCompile(`: write\b|write-all|github\.token`)
	readsOnly    = regexp.MustCompile(`(?m)^permissions:\n  contents: read\n(\S|$)`)
	inScript     = regexp.MustCompile(`(?m)^[\s-]*run:.*(\n {10,}.*)*\$\{\{`)
)

// workflowFaults returns what is wrong with a workflow.
func workflowFaults(text string) []string {
	var faults []string
	for _, action := range usedAction.FindAllStringSubmatch(text, -1) {
		if !pinnedAction.MatchString(action[1]) {
			faults = append(faults, action[1]+" is not pinned by a hash, with its version")
		}
	}
	if secret.MatchString(text) {
		faults = append(faults, "it needs a secret")
	}
	if !readsOnly.MatchString(text) {
		faults = append(faults, "its jobs may do more than read unless they say otherwise")
	}
	for _, start := range forkStarts.FindAllStringSubmatch(text, -1) {
		if start[1] != "pull_request" {
			faults = append(faults, start[1]+" runs with the rights of the repository what a fork sends")
		}
		if mayWrite.MatchString(text) {
			faults = append(faults, "a fork starts it, and it may write")
		}
	}
	if inScript.MatchString(text) {
		faults = append(faults, "an expression is a part of a script: pass it in env")
	}
	return faults
}

// The kinds of mistakes are found.
func TestWorkflowFaults(t *testing.T) {
	sound := "on:\n  pull_request:\npermissions:\n  contents: read\njobs:\n  a:\n    steps:\n      - uses: a/b@" + strings.Repeat("0", 40) + " # v1.2.3\n      - env:\n          NAME: ${{ github.ref_name }}\n        run: |\n          echo\n          echo $NAME\n"
	if faults := workflowFaults(sound); len(faults) > 0 {
		t.Errorf("a sound workflow has %q", faults)
	}
	for name, change := range map[string][2]string{
		"a tag":              {"@" + strings.Repeat("0", 40), "@v1"},
		"no version":         {" # v1.2.3", ""},
		"a secret":           {"github.ref_name", "secrets.TOKEN"},
		"all secrets":        {"github.ref_name", "toJSON(secrets)"},
		"inherited secrets":  {"    steps:", "    secrets: inherit\n    steps:"},
		"more rights":        {"  contents: read\n", "  contents: read\n  packages: read\n"},
		"a job that writes":  {"    steps:", "    permissions:\n      contents: write\n    steps:"},
		"the token":          {"github.ref_name", "github.token"},
		"a fork's own":       {"  pull_request:", "  pull_request_target:"},
		"anybody's comment":  {"  pull_request:", "  issue_comment:"},
		"a name in a script": {"echo $NAME", "echo ${{ github.head_ref }}"},
	} {
		broken := strings.Replace(sound, change[0], change[1], 1)
		if broken == sound || len(workflowFaults(broken)) == 0 {
			t.Errorf("%s is not found in\n%s", name, broken)
		}
	}
}
