// Package noquery keeps Bubble Tea from asking the terminal for its background
// colour when the program starts. Bubble Tea v1 does so when it is linked in,
// for every command, also for those that only print: the question, and what
// the terminal answers, would stand among their output.
//
// The library asks no terminal where CI is set. This package sets it before
// the library is initialised: packages are initialised in the order of their
// import paths once their imports are, this one needs nothing but os, and
// Bubble Tea needs golang.org/x/sys, whose path comes later. Restore puts the
// environment back.
package noquery

import "os"

const name = "CI"

var before, wasSet = takeOver()

func takeOver() (string, bool) {
	value, ok := os.LookupEnv(name)
	_ = os.Setenv(name, "true") // fails only for a name that cannot be set
	return value, ok
}

// Restore gives the environment back what it had. It is called first thing in
// main, before anybody reads it.
func Restore() {
	if wasSet {
		_ = os.Setenv(name, before)
		return
	}
	_ = os.Unsetenv(name)
}
