package decode

import (
	"slices"
	"strings"
	"testing"

	"github.com/oriel-stream/oriel/stream"
)

// texts are what a decoder hands out as distinct values; - for none.
func texts(d stream.Decoder, payload string) (values []string, reason stream.Reason) {
	var e stream.Event
	r := stream.Record{Value: []byte(payload)}
	if payload == "" {
		r.Value = nil
	}
	d.Decode(&r, &e)
	for _, v := range e.Distinct {
		if v == nil {
			values = append(values, "-")
			continue
		}
		values = append(values, string(v))
	}
	return values, e.Reason
}

func TestDecodeDistinct(t *testing.T) {
	d := mustResolve(t, Config{Distinct: []string{"user.id", "tag", "temp"}, Values: []string{"temp"}}).NewDecoder()
	for _, c := range []struct {
		payload string
		want    []string
	}{
		{`{"user":{"id":1},"tag":"1","temp":2.50}`, []string{`#1`, `"1`, `#2.50`}},
		{`{"user":{"id":true},"tag":"true","temp":2}`, []string{`?true`, `"true`, `#2`}},
		{`{"user":{"id":""},"tag":"a\u00e9\n","temp":2}`, []string{`"`, "\"a\u00e9\n", `#2`}},
		{`{"user":{"id":null},"temp":2}`, []string{`-`, `-`, `#2`}},
		{`{"user":{"id":{"a":1}},"tag":[1],"temp":2}`, []string{`-`, `-`, `#2`}},
		{`{"user":7,"tag":"x","tag":"y","temp":2}`, []string{`-`, `"y`, `#2`}},
		{`{"user":{"id":1},"tag":"1","temp":2`, []string{`-`, `-`, `-`}},
		{``, []string{`-`, `-`, `-`}},
	} {
		if got, _ := texts(d, c.payload); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.payload, got, c.want)
		}
	}
	if _, reason := texts(d, `{"temp":2}`); reason != stream.OK {
		t.Errorf("a record without any is %v", reason)
	}
	if got, _ := texts(mustResolve(t, Config{}).NewDecoder(), `{"temp":2}`); got != nil {
		t.Errorf("nobody asked for %q", got)
	}
}

// Only JSON has fields: a path to count by settles the format.
func TestDistinctMeansJSON(t *testing.T) {
	if p := mustResolve(t, Config{Distinct: []string{"id"}}, "12"); p.Format != formatJSON {
		t.Errorf("the format is %s", p.Format)
	}
}

func TestUnseenDistinctIsTold(t *testing.T) {
	payloads := []string{`{"user":{"id":"a"},"temp":2,"list":[1]}`, `{"user":{"id":"b"},"temp":3,"late":1}`}
	for _, c := range []struct {
		path, want string
	}{
		{"user.id", ""},
		{"late", ""},
		{"user.idd", "nothing to count at user.idd yet (--agg distinct:user.idd), did you mean user.id?"},
		{"list", "nothing to count at list yet"},
	} {
		p := mustResolve(t, Config{Distinct: []string{c.path}}, payloads...)
		said := strings.Contains(p.Reason, "nothing to count")
		if said != (c.want != "") || !strings.Contains(p.Reason, c.want) {
			t.Errorf("%s: %s, want %q in it", c.path, p.Reason, c.want)
		}
		if none := mustResolve(t, Config{Distinct: []string{c.path}}); strings.Contains(none.Reason, "nothing to count") {
			t.Errorf("%s, without a record: %s", c.path, none.Reason)
		}
	}
}
