package main

import "io"

// keyboard is what a person types at: stdin, or the terminal itself where stdin
// is something else, as with --input -. It is nil where there is no terminal:
// the screen is drawn all the same, and a signal ends it.
func keyboard(e *env, input string) (keys io.Reader, release func(), err error) {
	release = func() {}
	switch {
	case e.stdinRedirected:
		if terminal, openErr := e.openTerminal(); openErr == nil {
			keys, release = terminal, func() { _ = terminal.Close() }
		}
		return keys, release, nil
	case input == "-":
		return nil, release, usagef("--input - is the terminal, where the keys of the dashboard are typed: pipe the lines in, or name a file")
	}
	return e.stdin, release, nil
}
