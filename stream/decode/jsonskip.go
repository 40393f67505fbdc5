package decode

// skipValue checks the value at d[i], of which nothing is asked, and returns the
// index behind it. depth counts what is open.
func skipValue(d []byte, i, depth int) int {
	if uint(i) >= uint(len(d)) {
		return malformed
	}
	switch c := d[i]; {
	case c == '"':
		end, _ := scanString(d, i+1)
		if end == malformed {
			return malformed
		}
		return end + 1
	case c <= '9':
		return scanNumber(d, i)
	case c == '{':
		return skipObject(d, i+1, depth+1)
	case c == '[':
		return skipArray(d, i+1, depth+1)
	case c == 't':
		return literal(d, i, "true")
	case c == 'f':
		return literal(d, i, "false")
	case c == 'n':
		return literal(d, i, "null")
	}
	return malformed
}

// skipObject checks an object from behind its brace.
func skipObject(d []byte, i, depth int) int {
	if depth > maxDepth {
		return malformed
	}
	if i = skipSpace(d, i); i < len(d) && d[i] == '}' {
		return i + 1
	}
	for i < len(d) && d[i] == '"' {
		i, _ = scanString(d, i+1)
		if i == malformed {
			return malformed
		}
		if i = closing(d, skipSpace(d, i+1), ':'); i == malformed {
			return malformed
		}
		if i = skipValue(d, skipSpace(d, i), depth); i == malformed {
			return malformed
		}
		if i = skipSpace(d, i); i == len(d) || d[i] != ',' {
			return closing(d, i, '}')
		}
		i = skipSpace(d, i+1)
	}
	return malformed
}

// skipArray checks an array from behind its bracket.
func skipArray(d []byte, i, depth int) int {
	if depth > maxDepth {
		return malformed
	}
	if i = skipSpace(d, i); i < len(d) && d[i] == ']' {
		return i + 1
	}
	for {
		if i = skipValue(d, i, depth); i == malformed {
			return malformed
		}
		if i = skipSpace(d, i); i == len(d) || d[i] != ',' {
			return closing(d, i, ']')
		}
		i = skipSpace(d, i+1)
	}
}
