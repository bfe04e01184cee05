package ignore

import "github.com/llmls/llmls/internal/completion"

// denied returns the pattern of the built-in list that forbids p, "" if none does.
func denied(p place) string {
	r, ok := matching(denyList, p.absolute())
	if !ok {
		return ""
	}
	return completion.WhyDenied(r.text)
}

// denyList lists the files that hold little but secrets. Encrypted files, such as
// those of age and SOPS, are not among them, except for those that usually lie
// beside their key.
const denyList = `
# Environments
.env
.env.*
*.env
!.env.example
!.env.sample
!.env.template
!.env.dist
!example.env
!sample.env
!template.env

# Keys and key stores
*.pem
*.key
*.p8
*.p12
*.pfx
*.pkcs12
*.jks
*.keystore
*.kdb
*.kdbx
*.ppk
*.ovpn
id_rsa*
id_dsa*
id_ecdsa*
id_ed25519*
ssh_host_*_key
!id_*.pub
.ssh/
.gnupg/
**/sops/age/keys.txt

# Credentials of programs
.netrc
_netrc
.pgpass
pgpass.conf
.my.cnf
.mylogin.cnf
.npmrc
.pypirc
.git-credentials
**/.config/git/credentials
**/.config/gh/hosts.yml
.htpasswd
.dockercfg
.dockerconfigjson
**/.docker/config.json
**/.kube/config
kubeconfig
*.kubeconfig
.s3cfg
.boto
**/.gem/credentials
**/.cargo/credentials
**/.cargo/credentials.toml
**/.m2/settings.xml
.vault-token
.vault_pass*

# Clouds
**/.aws/credentials
.azure/
application_default_credentials.json
*service-account*.json
*service_account*.json
*serviceaccount*.json
credentials.json
client_secret*.json
secrets.yml
secrets.yaml
secrets.json
secrets.toml
*.tfstate
*.tfstate.*
*.tfvars
*.tfvars.json
.terraformrc
terraform.rc
credentials.tfrc.json

# Rails
master.key
credentials.yml.enc
`
