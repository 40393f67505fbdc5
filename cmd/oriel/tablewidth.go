package main

// tableWidth is how many columns a table on stdout may have, 0 for any number.
// stdout and stderr are taken to be the same terminal.
func tableWidth(e *env) int {
	if e.stdoutIsTerminal {
		return e.stderrWidth
	}
	return 0
}
