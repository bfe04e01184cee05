package access

import (
	"time"

	"github.com/go-json-experiment/json"
)

// A FileAgreement is the user's consent to use a file of a repository, a prompt or
// instructions, with exactly the content that it had. It is a record in the state
// directory, so the names of its members must not change.
type FileAgreement struct {
	Path   string    `json:"path"`
	Digest string    `json:"digest"` // of the content: SHA-256, in hexadecimal
	Time   time.Time `json:"time"`
}

// kindFiles is the kind of a FileAgreement in the state directory.
const kindFiles = "files"

// AgreeFile stores the consent to a file with that digest, for every process of the
// user. It replaces one to an earlier content.
func (ac *Access) AgreeFile(path, digest string) error {
	data, err := json.Marshal(FileAgreement{Path: path, Digest: digest, Time: time.Now().UTC().Truncate(time.Second)})
	if err != nil {
		return err
	}
	return ac.state.Write(kindFiles, path, data)
}

// HasAgreedFile reports whether the user agreed to the file with exactly that
// content. It reads the record each time: another process may have written or
// removed it.
func (ac *Access) HasAgreedFile(path, digest string) bool {
	a, ok := ac.fileAgreement(path)
	return ok && digest != "" && a.Digest == digest
}

// MayUseFile reports whether a prompt or instructions may be used: the person's
// own, with repository "", always; those of a repository after consent.
func (ac *Access) MayUseFile(repository, path, digest string) bool {
	return repository == "" || ac.HasAgreedFile(path, digest)
}

// RevokeFile ends the consent to a file. It fails with fs.ErrNotExist if there is
// none.
func (ac *Access) RevokeFile(path string) error { return ac.state.Remove(kindFiles, path) }

// FileAgreements returns all files that the user agreed to, by path.
func (ac *Access) FileAgreements() ([]FileAgreement, error) {
	names, err := ac.state.List(kindFiles)
	var list []FileAgreement
	for _, name := range names {
		if data, err := ac.state.Read(kindFiles, name); err == nil {
			var a FileAgreement
			if json.Unmarshal(data, &a) == nil {
				list = append(list, a)
			}
		}
	}
	return list, err
}

func (ac *Access) fileAgreement(path string) (FileAgreement, bool) {
	var a FileAgreement
	data, err := ac.state.Read(kindFiles, path)
	if err != nil || json.Unmarshal(data, &a) != nil || a.Path != path {
		return FileAgreement{}, false
	}
	return a, true
}
