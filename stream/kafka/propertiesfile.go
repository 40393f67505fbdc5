package kafka

import (
	"bytes"
	"fmt"
	"strings"

	javafile "github.com/magiconair/properties"
)

// byteOrderMark is what some programs write at the beginning of a text file.
const byteOrderMark = "\ufeff"

// ParseFile reads a file of client properties in the syntax of Java. The values
// are taken as they stand: ${name} means nothing in it.
func ParseFile(data []byte, from string) ([]Property, error) {
	loader := javafile.Loader{Encoding: javafile.UTF8, DisableExpansion: true}
	file, err := loader.LoadBytes(bytes.TrimPrefix(data, []byte(byteOrderMark)))
	if err != nil {
		// The library's message may repeat a line, and so a password.
		return nil, fmt.Errorf("%s: not a file of properties: want lines key=value, in which \\u is followed by four hexadecimal digits", from)
	}
	var out []Property
	for _, key := range file.Keys() {
		value, _ := file.Get(key)
		out = append(out, Property{key, strings.TrimSpace(value), from})
	}
	return out, nil
}

// ParseKcatFile reads a configuration file of kcat: lines key=value without
// escapes. Its prefix of topic settings is left out.
func ParseKcatFile(data []byte, from string) ([]Property, error) {
	var out []Property
	number := 0
	for line := range strings.Lines(strings.TrimPrefix(string(data), byteOrderMark)) {
		number++
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		p, err := ParseProperty(line, fmt.Sprintf("%s:%d", from, number))
		if err != nil {
			return nil, err
		}
		p.Key, p.From = strings.TrimPrefix(p.Key, "topic."), from
		out = append(out, p)
	}
	return out, nil
}
