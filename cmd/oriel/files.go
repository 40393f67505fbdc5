package main

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// namedFile is a file that a flag names.
type namedFile struct{ flag, path string }

// namedFiles are the files that the flags of a command say to read or to write.
// Standard input and output, and devices, are none.
func namedFiles(fs *pflag.FlagSet) []namedFile {
	var all []namedFile
	for _, name := range []string{"input", "rejects", "summary", "log-file"} {
		if f := fs.Lookup(name); f != nil {
			all = append(all, namedFile{"--" + name, f.Value.String()})
		}
	}
	if f := fs.Lookup("sink"); f != nil {
		for _, spec := range f.Value.(pflag.SliceValue).GetSlice() {
			if path, ok := strings.CutPrefix(spec, "file:"); ok {
				all = append(all, namedFile{"--sink file:", path})
			}
		}
	}
	return slices.DeleteFunc(all, func(n namedFile) bool {
		return n.path == "" || n.path == "-" || strings.HasPrefix(filepath.Clean(n.path), "/dev/")
	})
}

// checkFiles refuses a file that is named twice, before any is opened: it would
// be emptied or added to while it is read, or written by two.
func checkFiles(e *env, fs *pflag.FlagSet) error {
	all := namedFiles(fs)
	for i, n := range all {
		for _, other := range all[:i] {
			if e.sameFile(other.path, n.path) {
				return usagef("%s and %s are the same file, %s: name another", other.flag, n.flag, filepath.Clean(n.path))
			}
		}
	}
	return nil
}
