package secrets

import (
	"math/rand/v2"
	"testing"
)

// A random token as the user of an address is found, whatever its letters make
// look like words: nearly always at 20 letters, and always at 32 and more.
func TestFindTokensAsUsers(t *testing.T) {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	const tokens = 1000
	random := rand.New(rand.NewPCG(20, 32))
	for _, c := range []struct{ length, missed int }{{20, tokens / 100}, {24, tokens / 200}, {32, 0}, {40, 0}, {64, 0}} {
		missed := 0
		for range tokens {
			token := each(string(make([]byte, c.length)), func(byte) string {
				at := random.IntN(len(letters))
				return letters[at : at+1]
			})
			for _, text := range []string{"git clone https://" + token + "@git.test/a/b", "index-url = https://" + token + "@pypi.test/simple"} {
				if found := Find(text); len(found) != 1 || text[found[0].Start:found[0].End] != token {
					missed++
				}
			}
		}
		if missed > 2*c.missed {
			t.Errorf("%d of %d with %d letters are missed, want %d at most", missed/2, tokens, c.length, c.missed)
		}
	}
}

// Names of people, programs and their accounts are not found.
func TestFindLeavesUsers(t *testing.T) {
	for _, user := range []string{
		"git", "oauth2", "deploy", "x-access-token", "x-oauth-basic", "gitlab-ci-token", "gitlab+deploy-token-1234567", "x-token-auth", "oauth2accesstoken", "_json_key_base64",
		"john.smith42", "first_last", "john", "maximilian.mustermann1987", "maximilian_mustermann1987", "MaxMustermannAdmin01", "firstname-lastname-2024", "Administrator_User42",
		"JeanLucPicardStarship", "MyCompanyDeployBot", "DeploymentServiceAccount2024", "AzureDevOpsServiceUser", "CIReadOnlyServiceAccount", "AWSCodeCommitUser-at-123456789012",
		"github-actions-bot-v2", "build-agent-20240115", "svc-k8s-prod-eu-west-1-deploy", "ec2-user-production-03", "jenkins2ci4deployments", "anonymous_user_of_mirror", "sha256-checked-mirror-user",
	} {
		for _, text := range []string{"git clone https://" + user + "@git.test/a/b", "ssh://" + user + "@host.test:22/x"} {
			for _, s := range Find(text) {
				t.Errorf("%q: %s %q", text, s.Kind, text[s.Start:s.End])
			}
		}
	}
}
