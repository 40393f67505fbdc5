package external

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestIDIn(t *testing.T) {
	for text, want := range map[string]string{
		`{"id":"7"`:       "7",
		`{"id": 7.0, "x"`: "7.0",
		`{"id":7`:         "",
		`{"id":7 `:        "7",
		`{"ID":"7","x":`:  "7",
		`{"x":[1,{"id":"8"},[]],"y":{},"id":"7",,,`: "7",
		`{"x":[NaN,-Infinity],"id":"7"`:             "7",
		`{"x":{"id":"7"}`:                           "",
		`{"x":[1,2`:                                 "",
		`{"x":1}`:                                   "",
		`{"id":null,"x":1`:                          "",
		`{"id":["7"]`:                               "",
		`{"id":"7`:                                  "",
		`{'id':'7'}`:                                "",
		`{,"id":"7"}`:                               "",
		`["id","7"]`:                                "",
		`"id"`:                                      "",
		`{`:                                         "",
		``:                                          "",
	} {
		if got := idIn([]byte(text)); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

// FuzzIDIn: the id of an answer is found in it, and in what it begins with if
// that holds the id.
func FuzzIDIn(f *testing.F) {
	f.Add(`{"id":"7","x":[1]}`, uint(3))
	f.Add(`{"x":{"id":1},"id":"\u0037"}`, uint(20))
	f.Add(`{"x":{"id":1},"id":37`, uint(20))
	f.Fuzz(func(t *testing.T, text string, cut uint) {
		part := idIn([]byte(text[:min(cut, uint(len(text)))]))
		whole := idIn([]byte(text))
		if part != "" && part != whole {
			t.Errorf("%q in the beginning, %q in all", part, whole)
		}
		var a struct{ ID json.RawMessage }
		if json.Unmarshal([]byte(text), &a) != nil || strings.Count(strings.ToLower(text), "id") > 1 || strings.Contains(text, `\`) {
			return
		}
		if id := (&answer{ID: a.ID}).id(); id != whole && !strings.ContainsAny(id, "[{tf") {
			t.Errorf("%q, the answer has %q", whole, id)
		}
	})
}
