package decode

import (
	"runtime"
	"strings"
	"testing"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

const kafkaStamp = 1795327200000

// decoded is an event in a form that a table can hold.
type decoded struct {
	time   window.Time
	timeOf stream.Reason
	reason stream.Reason
	key    string // "nil" for none
	values []stream.Value
}

func decode(d stream.Decoder, payload string) decoded {
	r := stream.Record{Timestamp: kafkaStamp, Key: []byte("k"), Value: []byte(payload)}
	if payload == "NULL" {
		r.Value = nil
	}
	var e stream.Event
	d.Decode(&r, &e)
	out := decoded{time: e.Time, timeOf: e.TimeReason, reason: e.Reason, key: "nil", values: e.Values}
	if e.Key != nil {
		out.key = string(e.Key)
	}
	return out
}

func (d decoded) equal(o decoded) bool {
	if len(d.values) != len(o.values) {
		return false
	}
	for i := range d.values {
		if d.values[i] != o.values[i] {
			return false
		}
	}
	return d.time == o.time && d.timeOf == o.timeOf && d.reason == o.reason && d.key == o.key
}

// decodeCase is a record and what is to become of it.
type decodeCase struct {
	config  Config
	payload string
	want    decoded
}

const (
	ok = stream.OK
	at = window.Time(kafkaStamp)
)

func num(x float64) []stream.Value { return []stream.Value{{Number: x}} }

func bad(reasons ...stream.Reason) (values []stream.Value) {
	for _, r := range reasons {
		values = append(values, stream.Value{Reason: r})
	}
	return values
}

func checkDecode(t *testing.T, tests []decodeCase) {
	t.Helper()
	for _, tt := range tests {
		d := mustResolve(t, tt.config).NewDecoder()
		if got := decode(d, tt.payload); !got.equal(tt.want) {
			t.Errorf("%+v: %q\n got %+v\nwant %+v", tt.config, tt.payload, got, tt.want)
		}
		// Nothing of a record may be seen in the next.
		decode(d, `{"ts":5,"temp":9,"a":{"b":"old"},"c":"old","in":{"temp":9},"out":[8,9]}`)
		if got := decode(d, tt.payload); !got.equal(tt.want) {
			t.Errorf("%+v: %q, the second time\n got %+v\nwant %+v", tt.config, tt.payload, got, tt.want)
		}
	}
}

func TestDecodeValues(t *testing.T) {
	temp := Config{Format: "json", Values: []string{"temp"}}
	two := Config{Format: "json", Values: []string{"t=in.temp", "out[1]"}}
	checkDecode(t, []decodeCase{
		{temp, `{"temp":21.5}`, decoded{at, ok, ok, "k", num(21.5)}},
		{temp, `{"temp":9007199254740993}`, decoded{at, ok, ok, "k", num(9007199254740992)}},
		{temp, `{"temp":1,"temp":2}`, decoded{at, ok, ok, "k", num(2)}},
		{temp, `{"temp":"12.5"}`, decoded{at, ok, stream.NotANumber, "k", bad(stream.NotANumber)}},
		{temp, `{"temp":true}`, decoded{at, ok, stream.NotANumber, "k", bad(stream.NotANumber)}},
		{temp, `{"temp":null}`, decoded{at, ok, stream.NotANumber, "k", bad(stream.NotANumber)}},
		{temp, `{"temp":{"x":1}}`, decoded{at, ok, stream.NotANumber, "k", bad(stream.NotANumber)}},
		{temp, `{"temp":1e400}`, decoded{at, ok, stream.NotFinite, "k", bad(stream.NotFinite)}},
		{temp, `{"tmep":1}`, decoded{at, ok, stream.NoField, "k", bad(stream.NoField)}},
		{temp, `7`, decoded{at, ok, stream.NoField, "k", bad(stream.NoField)}},
		{temp, `{"temp":NaN}`, decoded{at, ok, stream.Malformed, "k", bad(stream.NoField)}},
		{temp, `{"temp":1`, decoded{at, ok, stream.Malformed, "k", bad(stream.NoField)}},
		{temp, ``, decoded{at, ok, stream.Empty, "k", bad(stream.NoField)}},
		{temp, `NULL`, decoded{at, ok, stream.Null, "k", bad(stream.NoField)}},

		{two, `{"in":{"temp":1},"out":[5,6]}`, decoded{at, ok, ok, "k", []stream.Value{{Number: 1}, {Number: 6}}}},
		{two, `{"out":[5,6]}`, decoded{at, ok, ok, "k", []stream.Value{{Reason: stream.NoField}, {Number: 6}}}},
		{two, `{"in":{"temp":"x"}}`, decoded{at, ok, stream.NotANumber, "k", bad(stream.NotANumber, stream.NoField)}},
	})
}

func TestDecodeTime(t *testing.T) {
	timed := Config{Format: "json", Time: "ts", Values: []string{"temp"}}
	checkDecode(t, []decodeCase{
		{timed, `{"ts":1795327201,"temp":1}`, decoded{1795327201000, ok, ok, "k", num(1)}},
		{timed, `{"ts":1795327201}`, decoded{1795327201000, ok, stream.NoField, "k", bad(stream.NoField)}},
		{timed, `{"temp":1}`, decoded{0, stream.NoTime, ok, "k", num(1)}},
		{timed, `{"ts":null,"temp":1}`, decoded{0, stream.NoTime, ok, "k", num(1)}},
		{timed, `{"ts":"soon","temp":1}`, decoded{0, stream.BadTime, ok, "k", num(1)}},
		{timed, `7`, decoded{0, stream.NoTime, stream.NoField, "k", bad(stream.NoField)}},
		{timed, `{`, decoded{0, stream.Malformed, stream.Malformed, "k", bad(stream.NoField)}},
		{timed, ``, decoded{0, stream.Empty, stream.Empty, "k", bad(stream.NoField)}},
		{timed, `NULL`, decoded{0, stream.Null, stream.Null, "k", bad(stream.NoField)}},
	})
}

func TestDecodeKey(t *testing.T) {
	keyed := Config{Format: "json", Keys: []string{"a.b", "c"}, Values: []string{"none"}}
	keyOne := Config{Format: "json", Keys: []string{"a"}, Values: []string{"none"}}
	checkDecode(t, []decodeCase{
		{keyed, `{"a":{"b":"x"},"c":1.50}`, decoded{at, ok, ok, "x/1.50", nil}},
		{keyed, `{"a":{"b":"\u00e9\ud83d\ude00"},"c":true}`, decoded{at, ok, ok, "é😀/true", nil}},
		{keyed, `{"a":{"b":""},"c":""}`, decoded{at, ok, ok, "/", nil}},
		{keyed, `{"a":{"b":"x"}}`, decoded{at, ok, stream.NoField, "nil", nil}},
		{keyed, `{"a":{"b":"x"},"c":null}`, decoded{at, ok, stream.NoField, "nil", nil}},
		{keyed, `{"a":{"b":"x"},"c":[1]}`, decoded{at, ok, stream.NoField, "nil", nil}},
		{keyed, `nope`, decoded{at, ok, stream.Malformed, "nil", nil}},
		{keyOne, `{"a":""}`, decoded{at, ok, ok, "", nil}},
		{keyOne, `{"a":"\n"}`, decoded{at, ok, ok, "\n", nil}},
		{keyOne, `{"a":1E+2}`, decoded{at, ok, ok, "1E+2", nil}},
		{Config{Format: "json", Keys: []string{"none"}}, `{"a":1}`, decoded{at, ok, ok, "nil", nil}},
	})
}

func TestDecodeCounted(t *testing.T) {
	count := func(format string) Config { return Config{Format: format, Values: []string{"none"}} }
	checkDecode(t, []decodeCase{
		{count("json"), `[1]`, decoded{at, ok, ok, "k", nil}},
		{count("json"), `[1`, decoded{at, ok, stream.Malformed, "k", nil}},
		{count("json"), `NULL`, decoded{at, ok, stream.Null, "k", nil}},
		{count("text"), "\xff", decoded{at, ok, ok, "k", nil}},
		{count("text"), ``, decoded{at, ok, stream.Empty, "k", nil}},
		{count("number"), `x`, decoded{at, ok, stream.NotANumber, "k", nil}},
	})
}

func TestDecodeNumber(t *testing.T) {
	plain := Config{Format: "number"}
	checkDecode(t, []decodeCase{
		{plain, " 12.5\r\n", decoded{at, ok, ok, "k", num(12.5)}},
		{plain, "-.5e1", decoded{at, ok, ok, "k", num(-5)}},
		{plain, "NaN", decoded{at, ok, stream.NotFinite, "k", bad(stream.NotFinite)}},
		{plain, "-Infinity", decoded{at, ok, stream.NotFinite, "k", bad(stream.NotFinite)}},
		{plain, "1e400", decoded{at, ok, stream.NotFinite, "k", bad(stream.NotFinite)}},
		{plain, "0x1p3", decoded{at, ok, stream.NotANumber, "k", bad(stream.NotANumber)}},
		{plain, "1_000", decoded{at, ok, stream.NotANumber, "k", bad(stream.NotANumber)}},
		{plain, "1 2", decoded{at, ok, stream.NotANumber, "k", bad(stream.NotANumber)}},
		{plain, " ", decoded{at, ok, stream.NotANumber, "k", bad(stream.NotANumber)}},
		{plain, "", decoded{at, ok, stream.Empty, "k", bad(stream.NoField)}},
	})
}

func TestKafkaTime(t *testing.T) {
	tests := []struct {
		ms     int64
		want   window.Time
		reason stream.Reason
	}{
		{0, 0, stream.OK},
		{-1, 0, stream.NoTime},
		{-2, -2, stream.OK},
		{int64(window.MaxEventTime), window.MaxEventTime, stream.OK},
		{int64(window.MaxEventTime) + 1, 0, stream.BadTime},
		{int64(window.MinEventTime) - 1, 0, stream.BadTime},
	}
	d := mustResolve(t, Config{Format: "text"}).NewDecoder()
	for _, tt := range tests {
		var e stream.Event
		d.Decode(&stream.Record{Timestamp: tt.ms, Value: []byte("x")}, &e)
		if e.Time != tt.want || e.TimeReason != tt.reason || e.FromPayload {
			t.Errorf("%d: %d, %v, from payload %v; want %d, %v", tt.ms, e.Time, e.TimeReason, e.FromPayload, tt.want, tt.reason)
		}
		if e.Key != nil {
			t.Errorf("a null key became %q", e.Key)
		}
	}
}

func TestFromPayload(t *testing.T) {
	d := mustResolve(t, Config{Time: "ts"}, `{"ts":1,"x":2}`).NewDecoder()
	var e stream.Event
	if d.Decode(&stream.Record{Value: []byte(`{"ts":1,"x":2}`)}, &e); !e.FromPayload || e.Time != 1000 {
		t.Fatalf("%+v", e)
	}
}

// TestDecodeAllocations: escapes, joined keys and numbers of any usual length
// need no memory once the scratch is there.
func TestDecodeAllocations(t *testing.T) {
	for name, c := range map[string]struct {
		config  Config
		payload string
	}{
		"plain":     {Config{Time: "ts", Keys: []string{"sensor"}, Values: []string{"temp"}}, string(document(920))},
		"escapes":   {Config{Keys: []string{"a", "b"}, Values: []string{"v"}}, `{"a":"\u00e9\n","\u0062":"\ud83d\ude00","v":-1.7976931348623157e+308}`},
		"rfc3339":   {Config{Time: "t", Values: []string{"v"}}, `{"t":"2026-11-22T06:00:00.123456+01:00","v":1}`},
		"layout":    {Config{Time: "t", TimeUnit: "2006-01-02 15:04:05", Values: []string{"v"}}, `{"t":"2026-11-22 06:00:00.123","v":1}`},
		"number":    {Config{Format: "number"}, " 21.54\n"},
		"malformed": {Config{Values: []string{"v"}}, `{"v":1,}`},
		"missing":   {Config{Values: []string{"v", "w"}}, `{"w":"x"}`},
		"distinct":  {Config{Distinct: []string{"a", "v"}, Values: []string{"v"}}, `{"a":"\u00e9","v":1}`},
	} {
		d := mustResolve(t, c.config).NewDecoder()
		r, e := stream.Record{Timestamp: kafkaStamp, Value: []byte(c.payload)}, stream.Event{}
		if n := testing.AllocsPerRun(100, func() { d.Decode(&r, &e) }); n != 0 {
			t.Errorf("%s: %v allocations a record, reason %v, time %v", name, n, e.Reason, e.TimeReason)
		}
	}
}

// TestLargePayload: a decoder that has seen 10 MB of escapes is small again
// after the next record.
func TestLargePayload(t *testing.T) {
	d := mustResolve(t, Config{Keys: []string{"a", "b"}, Values: []string{"v"}, Distinct: []string{"a"}}).NewDecoder().(*decoder)
	big := `{"a":"` + strings.Repeat(`\n`, 5<<20) + `","b":"x","v":1}`
	if got := decode(d, big); got.reason != stream.OK || len(got.key) != 5<<20+len("/x") {
		t.Fatalf("%v, key of %d bytes", got.reason, len(got.key))
	}
	decode(d, `{"a":"\n","b":"x","v":1}`)
	if n := cap(d.joined) + cap(d.typed) + cap(d.reader.(*jsonReader).scratch); n > 3*maxScratch {
		t.Errorf("%d bytes of scratch are kept", n)
	}

	// A document of many values leaves nothing behind at all.
	var before, after runtime.MemStats
	many := []byte(`{"v":1,"x":[` + strings.Repeat(`{"y":[0]},`, 1<<20) + `0]}`)
	r, e := stream.Record{Value: many}, stream.Event{Values: make([]stream.Value, 0, 1), Distinct: make([][]byte, 0, 1)}
	runtime.ReadMemStats(&before)
	d.Decode(&r, &e)
	runtime.ReadMemStats(&after)
	if e.Reason != stream.NoField || e.Values[0].Number != 1 {
		t.Errorf("%+v", e)
	}
	if n := after.TotalAlloc - before.TotalAlloc; n > 1<<16 {
		t.Errorf("reading %d bytes allocated %d", len(many), n)
	}
}
