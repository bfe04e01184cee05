// Package faults tests the real binary against failures and attackers: the
// endpoint, the network, the editor, the disk, a repository, an answer. It looks
// at what a person would see, and at where keys and code went.
package faults
