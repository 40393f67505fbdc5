package decode

import (
	"strings"
	"testing"

	"github.com/oriel-stream/oriel/stream"
)

func TestWhere(t *testing.T) {
	const payload = `{"temp":21.5,"n":3,"site":"north","ok":true,"no":null,"a":{"b":[1,{"c d":"x"}],"none":4},"big":123456789012345678901,"list":[1],"id":"007","$env":1,"@key":"p"}`
	for where, want := range map[string]bool{
		`temp > 20 && site == "north"`: true,
		`temp > 22`:                    false,
		`n == 3`:                       true,
		`n % 2 == 1`:                   true,
		`n / 2 == 1.5`:                 true,
		`big > 1e20`:                   true,
		`site startsWith 'no' and not (temp < 20)`: true,
		`site in ["north", "south"]`:               true,
		`site matches "^n.*h$"`:                    true,
		`ok`:                                       true,
		`!ok`:                                      false,
		`a.b[0] == 1`:                              true,
		`a.b[1]["c d"] == "x"`:                     true,
		`a?.b?.c == nil`:                           true,
		`a.none == 4`:                              true,
		`no == nil`:                                true,
		`missing == nil`:                           true,
		`missing > 3`:                              false, // cannot be computed
		`(missing ?? 5) > 3`:                       true,
		`missing.deep.down[3] == nil`:              true,
		`site > 3`:                                 false,
		`list == nil`:                              false,
		`list > 3`:                                 false,
		`n`:                                        false, // neither true nor false
		`$env["id"] == "007"`:                      true,
		`$env["$env"] == 1`:                        true,
		`$env["@key"] == "p"`:                      true,
		`let x = n; x + x == 6`:                    true,
		`let m = a.none; m == 4`:                   true,
		`any([1, 2, n], # == 3)`:                   true,
		`len(site) == 5`:                           true,
		`site == "@key"`:                           false,
		`"\"@x" == '"@x'`:                          true,

		`@key == "k-1"`:                         true,
		`@partition == 3 && @offset >= 42`:      true,
		`@topic == "sensors"`:                   true,
		`@timestamp == 1795327200000`:           true,
		`@header.n == "2.5"`:                    true,
		`float(@header.n) > 2`:                  true,
		`@header["trace.id"] startsWith "a"`:    true,
		`@header.missing == nil`:                true,
		`@header.null == nil && temp == 21.5`:   true,
		`date(@header.ce_time).Year() == 2026`:  true,
		`@partition == 3 ? n == 3 : n == 4`:     true,
		`[@partition, n] == [3, 3]`:             true,
		`true`:                                  true,
		`false`:                                 false,
		"site == `north` // @what is a comment": true,
	} {
		p, err := Config{Where: where, Values: []string{"temp"}}.Resolve(samples(payload))
		if err != nil {
			t.Errorf("%s: %v", where, err)
			continue
		}
		d := p.NewDecoder()
		for range 2 {
			var e stream.Event
			d.Decode(beside(payload), &e)
			if e.Filtered == want || e.TimeReason != stream.OK || e.Reason != stream.OK {
				t.Errorf("%s: filtered %v, %v", where, e.Filtered, e.Reason)
			}
			if e.Filtered && (e.Key != nil || len(e.Values) > 0) {
				t.Errorf("%s: key and values are read", where)
			}
			// Nothing of a record may be seen in the next.
			d.Decode(&stream.Record{Value: []byte(`{"temp":"x","site":5,"ok":"no","n":{}}`)}, &e)
		}
	}
}

func TestWhereIsChecked(t *testing.T) {
	for where, want := range map[string]string{
		`temp >`:             "unexpected token EOF",
		`temp > 20 &&& x`:    "at character 13",
		`n + 1`:              "", // what n is shows when it is read
		`1 + 1`:              "expected bool, but got int",
		`"a" > 1`:            "invalid operation",
		`@partition == "0"`:  "invalid operation",
		`@topic > 3`:         "invalid operation",
		`@part == 0`:         `@part is not @key, @header.NAME`,
		`@header == "x"`:     "needs the name of a header",
		`@key.x == 1`:        "@key has no fields",
		`@header.a.b == "x"`: "@header.a has no fields",
		`a@b == 1`:           "@ may only begin a name",
		`a.@b == 1`:          "@ may only begin a name",
		`a.b@.c() == 1`:      "@ may only begin a name",
		`a["@b"] == 1`:       "",
		`exists(temp)`:       "there is no function exists",
		`now() > now()`:      "there is no function now",
		`temp.round() > 3`:   "there is no function temp.round",
		`a[n] == 1`:          "must be a number or a quoted name",
		`a[-1] == 1`:         "must be a number",
		`$env == nil`:        `$env needs the name of a field`,
		`let x = 1; x.y > 0`: "the variable x has no fields",
		`ªkey == 1`:          "not supported",
	} {
		err := Config{Where: where}.Validate()
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %v", where, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "--where")):
			t.Errorf("%s: %v, want %q in it", where, err, want)
		}
		if err != nil && (strings.ContainsRune(err.Error(), atSign) && !strings.Contains(where, string(atSign)) || strings.Contains(err.Error(), "\n")) {
			t.Errorf("%s: %q", where, err)
		}
	}
	if err := (Config{Format: "text", Where: "temp > 3"}).Validate(); err == nil || !strings.Contains(err.Error(), "have no fields") {
		t.Errorf("%v", err)
	}
	if err := (Config{Format: "text", Where: "@offset > 3"}).Validate(); err != nil {
		t.Error(err)
	}
}

// TestWhereComesAfterTheTime: the event time is read of every record, the rest
// only of those that are asked for.
func TestWhereComesAfterTheTime(t *testing.T) {
	c := Config{Format: "json", Time: "ts", Keys: []string{"id"}, Values: []string{"v"}}
	for _, tt := range []struct {
		where, payload string
		want           stream.Event
	}{
		{"v > 1", `{"ts":5,"id":"a","v":1}`, stream.Event{Time: 5000, Filtered: true}},
		{"v > 1", `{"v":1}`, stream.Event{TimeReason: stream.NoTime, Filtered: true}},
		{"v > 1", `{"v":2}`, stream.Event{TimeReason: stream.NoTime, Reason: stream.NoField}},
		{"v > 1", `{"ts":5,"v":2}`, stream.Event{Time: 5000, Reason: stream.NoField}},
		{"v > 1", `{"ts":5,`, stream.Event{TimeReason: stream.Malformed, Reason: stream.Malformed}},
		{"@offset > 1", `{"ts":5,`, stream.Event{TimeReason: stream.Malformed, Filtered: true}},
		{"@offset == 0", `{"ts":5,`, stream.Event{TimeReason: stream.Malformed, Reason: stream.Malformed}},
	} {
		c.Where = tt.where
		var e stream.Event
		mustResolve(t, c).NewDecoder().Decode(&stream.Record{Value: []byte(tt.payload)}, &e)
		if e.Time != tt.want.Time || e.TimeReason != tt.want.TimeReason || e.Reason != tt.want.Reason || e.Filtered != tt.want.Filtered {
			t.Errorf("%s of %s: %+v", tt.where, tt.payload, e)
		}
	}
}

// TestWhereThatIsNeverTrue is told at once, with what may have been meant.
func TestWhereThatIsNeverTrue(t *testing.T) {
	payloads := []string{`{"temp":21,"site":"north","tags":["a"]}`, `{"temp":22,"site":"south"}`}
	for where, want := range map[string]string{
		`temp > 20`: "",
		`temp > 21`: "",
		`temp > 30`: "; --where is false for all 2 records looked at",
		`tmep > 20`: "; --where is false for all 2 records looked at: invalid operation: <nil> > int; none has tmep, did you mean temp?",
		`site > 20`: "; --where is false for all 2 records looked at: invalid operation: string > int",
		`temp`:      "; --where is false for all 2 records looked at: ",
		`site > 20 || temp > 30 && site == "north"`: "; --where is false for all 2 records looked at: invalid operation: string > int",
		`temp == 22 && temp > site`:                 "; --where is false for all 2 records looked at, for 1 of them because it cannot be computed: invalid operation: int > string",
		`@header.x > 3`:                             "none has @header.x",
		`any(tags, # == "a")`:                       ": tags is an array, of which only what is in it can be read",
		`tags == "a"`:                               "; --where is false for all 2 records looked at",
	} {
		p := mustResolve(t, Config{Where: where}, payloads...)
		if said := strings.Contains(p.Reason, "--where"); said != (want != "") || !strings.Contains(p.Reason, want) {
			t.Errorf("%s: %s, want %q", where, p.Reason, want)
		}
		if none := mustResolve(t, Config{Where: where}); strings.Contains(none.Reason, "--where") {
			t.Errorf("%s, without a record: %s", where, none.Reason)
		}
	}
}

// TestWhereAllocations: what is compared with the same values again and again
// costs no memory, and nothing grows with the records.
func TestWhereAllocations(t *testing.T) {
	payload := []byte(`{"temp":21.5,"site":"north","n":1}`)
	d := mustResolve(t, Config{Where: `temp > 20 && site == "north" && @partition == 3`}, string(payload)).NewDecoder()
	r, e := beside(""), stream.Event{}
	r.Value = payload
	if n := testing.AllocsPerRun(100, func() { d.Decode(r, &e) }); n != 0 || e.Filtered {
		t.Errorf("%v allocations, filtered %v", n, e.Filtered)
	}
}

// FuzzWhere: no expression and no payload breaks the decoder, and messages fit
// on a line.
func FuzzWhere(f *testing.F) {
	for _, s := range []string{`temp > 20 && site == "north"`, `@header["x"] == 'a@b'`, `let x = a.b[0]; x > 1`, `$env["a"]?.b`, `any(list, # > 1)`, `A.@()`, `@`, `"`, "`@`"} {
		f.Add(s, `{"temp":21,"a":{"b":[2]},"list":[1]}`)
	}
	f.Fuzz(func(t *testing.T, where, payload string) {
		if len(where) > 200 {
			return
		}
		p, err := Config{Format: "json", Where: where, Values: []string{"temp"}}.Resolve(samples(payload))
		if err != nil {
			if strings.ContainsRune(err.Error(), atSign) && !strings.ContainsRune(where, atSign) {
				t.Fatalf("%q: %v", where, err)
			}
			return
		}
		var e stream.Event
		p.NewDecoder().Decode(beside(payload), &e)
	})
}
