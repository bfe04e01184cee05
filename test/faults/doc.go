// Package faults breaks things around the real binary, the endpoint, the
// network, the editor, the disk, and looks at what a person would see.
package faults
