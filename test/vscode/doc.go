// Package vscode runs the extension in a real VS Code, as it is packaged, with
// the binary that is in the package, against a scripted endpoint and a real
// llama-server. A browser and a server are needed, so its tests are built only
// with the tag vscode; make vscode fetches everything and runs them.
//
// What a person does is in the *.test.ts files, which Node runs; driver.ts is
// their hands and eyes. The endpoint is the one of all other tests: the Go side
// starts it and takes its scripts over HTTP (control_test.go).
package vscode
