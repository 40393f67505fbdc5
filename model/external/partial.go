package external

import (
	"bytes"
	"encoding/json"
	"strings"
)

// idIn is the id in a text that is no whole answer, as far as it can be read; ""
// for none.
func idIn(text []byte) string {
	d := json.NewDecoder(bytes.NewReader(withoutNaN(text)))
	d.UseNumber()
	if begin, _ := d.Token(); begin != json.Delim('{') {
		return ""
	}
	for {
		name, _ := d.Token()
		field, ok := name.(string)
		if !ok { // the end of the object, or of what can be read
			return ""
		}
		if strings.EqualFold(field, "id") { // as encoding/json has it
			return nextID(d)
		}
		if !skipValue(d) {
			return ""
		}
	}
}

// nextID is the value that comes next, "" if it is no id.
func nextID(d *json.Decoder) string {
	value, _ := d.Token()
	switch v := value.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	default:
		return ""
	}
}

// skipValue reads past a value and says whether it has an end.
func skipValue(d *json.Decoder) bool {
	for depth := 0; ; {
		token, err := d.Token()
		if err != nil {
			return false
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth == 0 {
			return true
		}
	}
}
