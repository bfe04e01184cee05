package document

import "testing"

func TestLanguageID(t *testing.T) {
	for _, tt := range []struct{ file, text, want string }{
		{"a.h", "struct a { int b; };\n#include <stdio.h>\n", "c"},
		{"a.h", "#pragma once\n#include <vector>\n", "cpp"},
		{"a.h", "namespace a {\n}\n", "cpp"},
		{"a.h", "#import <Foundation/Foundation.h>\n", "objective-c"},
		{"a.m", "function y = f(x)\n  y = x;\nend\n", "matlab"},
		{"a.m", "#import \"A.h\"\n@implementation A\n@end\n", "objective-c"},
		{"a.pl", "parent(a, b).\nancestor(X, Y) :- parent(X, Y).\n", "prolog"},
		{"a.pl", "use strict;\nprint 1;\n", "perl"},
		{"a.fs", "#version 330\nvoid main() {}\n", "glsl"},
		{"a.fs", "module A\nlet x = 1\n", "fsharp"},
		{"a.v", "module m(input a);\nendmodule\n", "verilog"},
		{"a.v", "Theorem x : True.\n", "coq"},
		{"a.v", "fn main() {}\n", "v"},
		{"a.el", "", "emacs-lisp"},
		{"a.vim", "", "vim"},
		{"a.graphql", "", "graphql"},
		{"a.sol", "", "solidity"},
		{"a.cu", "", "cuda-cpp"},
		{"a.s", "", "asm"},
		{"a.S", "", "asm"},
		{"a.rst", "", "restructuredtext"},
		{"a.ini", "", "ini"},
		{"a.gradle", "", "groovy"},
		{"a.nim", "", "nim"},
		{"a.d", "", "d"},
		{"Rakefile", "", "ruby"},
		{"Jenkinsfile", "", "groovy"},
		{"Dockerfile.dev", "", "dockerfile"},
		{"a.ipynb", "{}", "json"},
		{"-", "diff --git a/x b/x\n", "diff"},
		{"-", "--- a/x\n+++ b/x\n@@ -1 +1 @@\n", "diff"},
		{"run", "#!/bin/sh\n", "shellscript"},
		{"run", "#!/usr/bin/env node\n", "javascript"},
		{"run", "#!/usr/bin/perl -w\n", "perl"},
		{"-", "hello\n", ""},
	} {
		if got := LanguageID(tt.file, tt.text); got != tt.want {
			t.Errorf("%s with %q is %q, want %q", tt.file, tt.text, got, tt.want)
		}
	}
}
