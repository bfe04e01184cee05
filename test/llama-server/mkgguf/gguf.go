package main

import "encoding/binary"

// Value and tensor types of GGUF version 3, as far as they are used here:
// https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
const (
	typeUint32  uint32 = 4
	typeInt32   uint32 = 5
	typeFloat32 uint32 = 6
	typeBool    uint32 = 7
	typeString  uint32 = 8
	typeArray   uint32 = 9

	tensorF32 uint32 = 0
	tensorF16 uint32 = 1

	// alignment of tensor data, where a file names no other.
	alignment = 32
)

// A file is a GGUF file being built: metadata and tensors in the order in
// which they are added.
type file struct {
	meta    []byte
	keys    uint64
	tensors []tensor
}

type tensor struct {
	name string
	dims []uint64 // fastest first
	kind uint32
	data []byte
}

func (f *file) key(name string, kind uint32) {
	f.keys++
	f.meta = appendString(f.meta, name)
	f.meta = appendFixed(f.meta, kind)
}

func (f *file) putString(name, v string) {
	f.key(name, typeString)
	f.meta = appendString(f.meta, v)
}

func (f *file) putBool(name string, v bool) {
	f.key(name, typeBool)
	f.meta = appendFixed(f.meta, v)
}

func (f *file) putUint32(name string, v uint32) {
	f.key(name, typeUint32)
	f.meta = appendFixed(f.meta, v)
}

func (f *file) putFloat32(name string, v float32) {
	f.key(name, typeFloat32)
	f.meta = appendFixed(f.meta, v)
}

func (f *file) array(name string, kind uint32, length int) {
	f.key(name, typeArray)
	f.meta = appendFixed(f.meta, kind)
	f.meta = appendFixed(f.meta, uint64(length))
}

func (f *file) putStrings(name string, v []string) {
	f.array(name, typeString, len(v))
	for _, s := range v {
		f.meta = appendString(f.meta, s)
	}
}

func (f *file) putFloat32s(name string, v []float32) {
	f.array(name, typeFloat32, len(v))
	f.meta = appendFixed(f.meta, v)
}

func (f *file) putInt32s(name string, v []int32) {
	f.array(name, typeInt32, len(v))
	f.meta = appendFixed(f.meta, v)
}

// add adds a tensor whose weights are -1, 0 or 1. The server wants its norms in
// tensorF32.
func (f *file) add(name string, kind uint32, weights []int8, dims ...uint64) {
	var data []byte
	for _, w := range weights {
		switch kind {
		case tensorF32:
			data = appendFixed(data, float32(w))
		case tensorF16:
			data = appendFixed(data, half(w))
		}
	}
	f.tensors = append(f.tensors, tensor{name, dims, kind, data})
}

// half is the IEEE 754 binary16 form of -1, 0 or 1.
func half(w int8) uint16 {
	switch {
	case w > 0:
		return 0x3c00
	case w < 0:
		return 0xbc00
	}
	return 0
}

// bytes is the whole file.
func (f *file) bytes() []byte {
	b := append([]byte("GGUF"), 3, 0, 0, 0)
	b = appendFixed(b, uint64(len(f.tensors)))
	b = appendFixed(b, f.keys)
	b = append(b, f.meta...)
	var offset uint64
	for _, t := range f.tensors {
		b = appendString(b, t.name)
		b = appendFixed(b, uint32(len(t.dims)))
		b = appendFixed(b, t.dims)
		b = appendFixed(b, t.kind)
		b = appendFixed(b, offset)
		offset += uint64(len(pad(t.data)))
	}
	b = pad(b)
	for _, t := range f.tensors {
		b = append(b, pad(t.data)...)
	}
	return b
}

func pad(b []byte) []byte {
	if rest := len(b) % alignment; rest != 0 {
		b = append(b, make([]byte, alignment-rest)...)
	}
	return b
}

func appendString(b []byte, s string) []byte {
	return append(appendFixed(b, uint64(len(s))), s...)
}

// appendFixed appends v, whose size must be known to encoding/binary.
func appendFixed(b []byte, v any) []byte {
	b, err := binary.Append(b, binary.LittleEndian, v)
	if err != nil {
		panic(err) // a type this file does not use
	}
	return b
}
