package main

// tableWidth is how many columns a table on stdout may have, 0 for any number.
// stdout and stderr are taken to be the same terminal.
func tableWidth(e *env) int {
	if e.stdoutIsTerminal {
		return e.stderrWidth
	}
	return 0
}

// proseWidth is how many columns prose in a table may have: those of the
// terminal, or as many as people are used to, for a program reads -o json.
func proseWidth(e *env) int {
	const usual = 80
	if width := tableWidth(e); width > 0 {
		return width
	}
	return usual
}
