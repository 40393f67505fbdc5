package external

import (
	"bytes"
	"encoding/json"
	"strings"
)

// idIn is the id in a text that is no whole answer, as far as it can be read; ""
// for none.
func idIn(text []byte) string {
	text = withoutNaN(text)
	d := json.NewDecoder(bytes.NewReader(text))
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
			return nextID(d, int64(len(text)))
		}
		if !skipValue(d) {
			return ""
		}
	}
}

// nextID is the value that comes next, "" if it is no id. A number that ends with
// the text, which is of length end, may have had more digits.
func nextID(d *json.Decoder, end int64) string {
	value, _ := d.Token()
	switch v := value.(type) {
	case string:
		return v
	case json.Number:
		if d.InputOffset() < end {
			return v.String()
		}
	}
	return ""
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
