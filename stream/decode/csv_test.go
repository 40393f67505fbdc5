package decode

import (
	"encoding/csv"
	"slices"
	"strings"
	"testing"

	"github.com/oriel-stream/oriel/stream"
)

func TestDecodeCSV(t *testing.T) {
	named := Config{Format: "csv:time,host,temp,note", Time: "time", Keys: []string{"host", "0"}, Values: []string{"temp"}}
	numbered := Config{Format: "csv", Values: []string{"[1]", "2"}}
	checkDecode(t, []decodeCase{
		{named, "1795327201,a,21.5,x", decoded{1795327201000, ok, ok, "a/1795327201", num(21.5)}},
		{named, "1795327201,\"a,\"\"b\"\"\",\" 21.5 \"\r\n", decoded{1795327201000, ok, ok, `a,"b"/1795327201`, num(21.5)}},
		{named, "2026-11-22T06:00:01Z,a, 1e3 ,\n", decoded{1795327201000, ok, ok, "a/2026-11-22T06:00:01Z", num(1000)}},
		{named, "1795327201,a", decoded{1795327201000, ok, stream.NoField, "a/1795327201", bad(stream.NoField)}},
		{named, "1795327201,,5", decoded{1795327201000, ok, stream.NoField, "nil", num(5)}},
		{named, ",a,5", decoded{0, stream.NoTime, stream.NoField, "nil", num(5)}},
		{named, "1795327201,a,warm", decoded{1795327201000, ok, stream.NotANumber, "a/1795327201", bad(stream.NotANumber)}},
		{named, "1795327201,a,", decoded{1795327201000, ok, stream.NotANumber, "a/1795327201", bad(stream.NotANumber)}},
		{named, "1795327201,a,NaN", decoded{1795327201000, ok, stream.NotFinite, "a/1795327201", bad(stream.NotFinite)}},
		{named, "1795327201,a\"b,1", decoded{0, stream.Malformed, stream.Malformed, "nil", bad(stream.NoField)}},
		{named, "1,a,1\n2,b,2", decoded{0, stream.Malformed, stream.Malformed, "nil", bad(stream.NoField)}},
		{named, "\n", decoded{0, stream.Malformed, stream.Malformed, "nil", bad(stream.NoField)}},
		{named, "\ufeff1795327201,a,21.5", decoded{1795327201000, ok, ok, "a/1795327201", num(21.5)}},
		{numbered, "a,5,6", decoded{at, ok, ok, "k", []stream.Value{{Number: 5}, {Number: 6}}}},
		{numbered, "a,5", decoded{at, ok, ok, "k", []stream.Value{{Number: 5}, {Reason: stream.NoField}}}},
	})
}

// TestCSVHeader: the first record is the header if it looks like one; it is then
// no record, wherever it comes.
func TestCSVHeader(t *testing.T) {
	for _, tt := range []struct {
		name     string
		config   Config
		payloads []string
		series   []string
		header   bool
	}{
		{"names over numbers", Config{}, []string{"host,temp", "a,21"}, []string{"temp"}, true},
		{"quoted", Config{}, []string{`"host","the temp"`, "a,21"}, []string{"the temp"}, true},
		{"byte-order mark", Config{}, []string{"\ufefftemp,host", "21,a"}, []string{"temp"}, true},
		{"byte-order mark and quotes", Config{}, []string{"\ufeff\"temp\",host", "21,a"}, []string{"temp"}, true},
		{"no names", Config{}, []string{"a,20", "b,21"}, []string{"[1]"}, false},
		{"texts all the way", Config{}, []string{"a,b", "c,d"}, nil, false},
		{"named by a flag", Config{Keys: []string{"a"}}, []string{"a,b", "c,d"}, nil, true},
		{"equal names", Config{}, []string{"a,a", "1,2"}, nil, false},
		{"another width", Config{}, []string{"a,b,c", "1,2"}, nil, false},
		{"nothing", Config{}, nil, nil, false},
		{"given", Config{Format: "csv:x,y"}, []string{"host,temp", "a,21"}, nil, false},
	} {
		if tt.config.Format == "" {
			tt.config.Format = "csv"
		}
		p := mustResolve(t, tt.config, tt.payloads...)
		if !slices.Equal(p.Series, tt.series) {
			t.Errorf("%s: series %q, want %q: %s", tt.name, p.Series, tt.series, p.Reason)
		}
		if told := strings.Contains(p.Reason, "format: csv (sensors/0 offset 10 is the header and no record: "); told != tt.header {
			t.Errorf("%s: %s", tt.name, p.Reason)
		}
		if len(tt.payloads) == 0 {
			continue
		}
		var e stream.Event
		d := p.NewDecoder()
		for i, payload := range tt.payloads {
			d.Decode(&stream.Record{Value: []byte(payload)}, &e)
			if e.Filtered != (tt.header && i == 0) {
				t.Errorf("%s: %q is filtered: %v", tt.name, payload, e.Filtered)
			}
		}
	}
	d, again := mustResolve(t, Config{Format: "csv"}, "\ufefftemp,host", "21,a").NewDecoder(), stream.Event{}
	if d.Decode(&stream.Record{Value: []byte("temp,host")}, &again); !again.Filtered {
		t.Error("the header without its byte-order mark is a record")
	}
	p := mustResolve(t, Config{Format: "csv", Values: []string{"tmep"}}, "host,temp", "a,21")
	if got := p.Explain(samples("host,temp", "a,21")); !strings.Contains(got, "no field tmep (--value, did you mean temp?); the fields of sensors/0 offset 11 are host (text), temp (number)") {
		t.Error(got)
	}
}

func TestCSVAllocations(t *testing.T) {
	d := mustResolve(t, Config{Format: "csv:ts,host,temp", Time: "ts", Keys: []string{"host"}, Values: []string{"temp"}}).NewDecoder()
	r, e := stream.Record{Value: []byte("1795327201,a,21.5")}, stream.Event{}
	if n := testing.AllocsPerRun(100, func() { d.Decode(&r, &e) }); n != 0 || e.Reason != stream.OK {
		t.Errorf("%v allocations, %v", n, e.Reason)
	}
}

// FuzzCSV holds the cells to those of encoding/csv, also after a line that was
// malformed.
func FuzzCSV(f *testing.F) {
	for _, s := range []string{"a,b", "a,\"b\"\"\",\r\n", "\n\na", "a\nb", "\"a", "a\"b", ",", "\r", "a\r\r\n", "\"a\nb\",c", "\ufeff\"a\",b", "\ufeff\ufeffa", "\ufeff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var l csvLine
		l.split([]byte(`"x`))
		for range 2 {
			got, ok := l.split([]byte(s))
			want, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(s, byteOrderMark))).ReadAll()
			if ok != (err == nil && len(want) == 1) {
				t.Fatalf("%q: %v, encoding/csv says %q, %v", s, ok, want, err)
			}
			for i := range got {
				if string(got[i]) != want[0][i] || len(got) != len(want[0]) {
					t.Fatalf("%q: %q, want %q", s, got, want)
				}
			}
		}
	})
}
