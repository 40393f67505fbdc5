package decode

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// path leads to a field of a document, from the outside in. The empty path is
// the document itself; no flag can spell it.
type path []step

// step is a member of an object, or an element of an array if name is empty. A
// path of metadata is a single step that says which; name is then that of the
// header.
type step struct {
	name  string
	index int
	meta  metadata
}

// maxIndexDigits keeps an index of an array in an int32.
const maxIndexDigits = 9

// parsePath reads a path as flags spell it: names joined by dots, [n] for an
// element of an array, and a backslash in front of any character that is meant
// literally: data.temp, readings[0].value, host\.name, \@timestamp. What begins
// with @ is metadata: @key, @header.NAME.
func parsePath(s string) (path, error) {
	switch {
	case s == "":
		return nil, errors.New("the path is empty")
	case !utf8.ValidString(s):
		return nil, errors.New("the path is not valid UTF-8")
	case s[0] == '@':
		return parseMetadata(s)
	}
	var p path
	for rest := s; rest != ""; {
		var st step
		var err error
		at := len(s) - len(rest)
		if rest[0] == '[' {
			st, rest, err = parseIndex(rest)
		} else {
			st, rest, err = parseName(rest)
		}
		if err == nil {
			rest, err = nextStep(rest)
		}
		if err != nil {
			return nil, fmt.Errorf("%w, in the step at byte %d", err, at)
		}
		p = append(p, st)
	}
	return p, nil
}

// nextStep takes the dot off what follows a step.
func nextStep(rest string) (string, error) {
	switch {
	case rest == "" || rest[0] == '[':
		return rest, nil
	case rest == ".":
		return "", errors.New("a dot ends the path")
	case rest[0] != '.':
		return "", errors.New("a dot or [ must follow ]")
	case rest[1] == '[':
		return "", errors.New("no dot may stand before [")
	default:
		return rest[1:], nil
	}
}

// parseIndex reads [n] at the start of s.
func parseIndex(s string) (step, string, error) {
	digits, rest, closed := strings.Cut(s[1:], "]")
	if !closed {
		return step{}, "", errors.New("[ has no ]")
	}
	n, err := strconv.ParseUint(digits, 10, 32)
	if err != nil || len(digits) > maxIndexDigits {
		return step{}, "", fmt.Errorf("[%s] is not the index of an element such as [0]", digits)
	}
	return step{index: int(n)}, rest, nil
}

// parseName reads a field name at the start of s, up to a dot, [ or the end.
func parseName(s string) (step, string, error) {
	var name []byte
	i := 0
scan:
	for ; i < len(s); i++ {
		switch s[i] {
		case '.', '[':
			break scan
		case ']':
			return step{}, "", errors.New(`] has no [; a literal one is \]`)
		case '\\':
			i++
			if i == len(s) {
				return step{}, "", errors.New(`a backslash ends the path; a literal one is \\`)
			}
		}
		name = append(name, s[i])
	}
	if len(name) == 0 {
		return step{}, "", errors.New("a field name is empty")
	}
	return step{name: string(name)}, s[i:], nil
}

// String spells p so that a flag leads to the same field.
func (p path) String() string {
	if p.isMetadata() {
		return p[0].metadataText()
	}
	var b strings.Builder
	for i, st := range p {
		if st.name == "" {
			fmt.Fprintf(&b, "[%d]", st.index)
			continue
		}
		if i > 0 {
			b.WriteByte('.')
		}
		for j, c := range st.name {
			if strings.ContainsRune(`.[]\=`, c) || c == '@' && i == 0 && j == 0 {
				b.WriteByte('\\')
			}
			b.WriteRune(c)
		}
	}
	if b.String() == none {
		return `\` + none
	}
	return b.String()
}

func (p path) equal(o path) bool { return slices.Equal(p, o) }

// printable quotes s if it has anything that a terminal might obey: the names
// of fields come from records.
func printable(s string) string {
	for _, r := range s {
		if !strconv.IsPrint(r) || r == utf8.RuneError {
			return strconv.Quote(s)
		}
	}
	return s
}
