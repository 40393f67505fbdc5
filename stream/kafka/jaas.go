package kafka

import (
	"errors"
	"fmt"
	"strings"
)

// jaasEntry is one entry of a JAAS configuration:
//
//	org.apache.kafka.common.security.plain.PlainLoginModule required username="u" password="p";
type jaasEntry struct {
	module  string // without the package
	options map[string]string
}

// parseJAAS reads a sasl.jaas.config as the Java client does: words, and strings
// in double or single quotes with the escapes of Java; comments as in Java. Its
// errors never repeat a value.
func parseJAAS(text string) (jaasEntry, error) {
	r := &jaasReader{rest: text}
	module, err := r.word("the name of a login module")
	if err != nil {
		return jaasEntry{}, err
	}
	flag, err := r.word("required, behind the login module")
	if err != nil {
		return jaasEntry{}, err
	}
	switch strings.ToLower(flag) {
	case "required", "requisite", "sufficient", "optional":
	default:
		return jaasEntry{}, errors.New("want required behind the login module")
	}
	entry := jaasEntry{module: module[strings.LastIndexByte(module, '.')+1:], options: map[string]string{}}
	for {
		r.skip()
		if r.take(";") {
			break
		}
		key, err := r.word("an option, or ; at the end")
		if err != nil {
			return jaasEntry{}, err
		}
		if r.skip(); !r.take("=") {
			return jaasEntry{}, fmt.Errorf("want = behind the option %s", keyLike(key))
		}
		value, err := r.word("a value for the option " + keyLike(key))
		if err != nil {
			return jaasEntry{}, err
		}
		entry.options[key] = value
	}
	if r.skip(); r.rest != "" {
		return jaasEntry{}, errors.New("want one login module, and nothing behind its ;")
	}
	return entry, nil
}

// jaasReader is what has not been read yet.
type jaasReader struct{ rest string }

// skip leaves out blanks and comments.
func (r *jaasReader) skip() {
	for {
		r.rest = strings.TrimLeft(r.rest, " \t\r\n\f\v")
		switch {
		case strings.HasPrefix(r.rest, "//"):
			_, r.rest, _ = strings.Cut(r.rest, "\n")
		case strings.HasPrefix(r.rest, "/*"):
			_, r.rest, _ = strings.Cut(r.rest[2:], "*/")
		default:
			return
		}
	}
}

func (r *jaasReader) take(sign string) bool {
	var ok bool
	r.rest, ok = strings.CutPrefix(r.rest, sign)
	return ok
}

// word reads a word or a quoted string.
func (r *jaasReader) word(want string) (string, error) {
	r.skip()
	if r.rest != "" && (r.rest[0] == '"' || r.rest[0] == '\'') {
		quote := r.rest[0]
		r.rest = r.rest[1:]
		return r.quoted(quote)
	}
	end := strings.IndexAny(r.rest, " \t\r\n\f\v;=\"'")
	if end < 0 {
		end = len(r.rest)
	}
	if end == 0 {
		return "", errors.New("want " + want)
	}
	word := r.rest[:end]
	r.rest = r.rest[end:]
	return word, nil
}

// jaasEscapes are those that do not stand for the letter itself.
var jaasEscapes = map[byte]byte{'a': 7, 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t', 'v': '\v'}

// quoted reads to the closing quote.
func (r *jaasReader) quoted(quote byte) (string, error) {
	var out []byte
	for i := 0; i < len(r.rest); i++ {
		switch c := r.rest[i]; {
		case c == quote:
			r.rest = r.rest[i+1:]
			return string(out), nil
		case c == '\n' || c == '\r':
			return "", errors.New("a quoted value does not end on its line")
		case c != '\\' || i+1 == len(r.rest):
			out = append(out, c)
		default:
			i++
			if n, octal := octalEscape(r.rest[i:]); octal > 0 {
				out = append(out, string(rune(n))...)
				i += octal - 1
			} else if escaped, ok := jaasEscapes[r.rest[i]]; ok {
				out = append(out, escaped)
			} else {
				out = append(out, r.rest[i])
			}
		}
	}
	return "", errors.New("a quoted value does not end")
}

// octalEscape reads a character as one to three octal digits, at most 0377, and
// returns how many there were.
func octalEscape(s string) (n, digits int) {
	for digits < len(s) && digits < 3 && s[digits] >= '0' && s[digits] <= '7' && n*8+int(s[digits]-'0') <= 0o377 {
		n = n*8 + int(s[digits]-'0')
		digits++
	}
	return n, digits
}
