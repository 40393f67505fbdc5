package decode

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vmihailenco/msgpack/v5"

	"github.com/oriel-stream/oriel/stream"
)

func packed(tb testing.TB, v any) string {
	tb.Helper()
	b, err := msgpack.Marshal(v)
	if err != nil {
		tb.Fatal(err)
	}
	return string(b)
}

func TestDecodeMsgpack(t *testing.T) {
	type m = map[string]any
	c := Config{Format: "msgpack", Time: "ts", Keys: []string{"id"}, Values: []string{"a.b[1]"}}
	ts := time.UnixMilli(1795327201500)
	of := func(id, value any) string {
		return packed(t, m{"ts": ts, "id": id, "x": []any{nil, true, m{"deep": []byte{1}}}, "a": m{"b": []any{"skip", value}}})
	}
	want := func(key string, reason stream.Reason, v stream.Value) decoded {
		return decoded{1795327201500, ok, reason, key, []stream.Value{v}}
	}
	checkDecode(t, []decodeCase{
		{c, of("s", 2.5), want("s", ok, stream.Value{Number: 2.5})},
		{c, of("s", float32(0.1)), want("s", ok, stream.Value{Number: float64(float32(0.1))})},
		{c, of(7, int64(-1)<<62), want("7", ok, stream.Value{Number: -(1 << 62)})},
		{c, of(uint64(1)<<63, uint64(1)<<63), want("9223372036854775808", ok, stream.Value{Number: 1 << 63})},
		{c, of(true, int8(-5)), want("true", ok, stream.Value{Number: -5})},
		{c, of([]byte("raw"), 300), want("raw", ok, stream.Value{Number: 300})},
		{c, of("s", "1"), want("s", stream.NotANumber, stream.Value{Reason: stream.NotANumber})},
		{c, of("s", nil), want("s", stream.NotANumber, stream.Value{Reason: stream.NotANumber})},
		{c, of("s", m{}), want("s", stream.NotANumber, stream.Value{Reason: stream.NotANumber})},
		{c, of(nil, 1), want("nil", stream.NoField, stream.Value{Number: 1})},
		{c, packed(t, m{"ts": ts, "id": "s"}), want("s", stream.NoField, stream.Value{Reason: stream.NoField})},
		{c, packed(t, m{"ts": 1795327201.5, "id": "s", "a": m{"b": []int{0, 1}}}), want("s", ok, stream.Value{Number: 1})},
		{c, of("s", 1) + "\x00", decoded{0, stream.Malformed, stream.Malformed, "nil", bad(stream.NoField)}},
		{c, of("s", 1)[:20], decoded{0, stream.Malformed, stream.Malformed, "nil", bad(stream.NoField)}},
		{c, "\xc1", decoded{0, stream.Malformed, stream.Malformed, "nil", bad(stream.NoField)}},
		{c, "\xdd\xff\xff\xff\xff\x01", decoded{0, stream.Malformed, stream.Malformed, "nil", bad(stream.NoField)}},
		{c, "\xdb\xff\xff\xff\xff\x01", decoded{0, stream.Malformed, stream.Malformed, "nil", bad(stream.NoField)}},
		{c, strings.Repeat("\x91", 1<<20), decoded{0, stream.Malformed, stream.Malformed, "nil", bad(stream.NoField)}},
		// Equal names: the last counts. A name may be a number.
		{Config{Format: "msgpack", Values: []string{"v"}}, "\x82\xa1v\x01\xa1v\x02", decoded{at, ok, ok, "k", num(2)}},
		{Config{Format: "msgpack", Values: []string{"v.x"}}, "\x82\xa1v\x81\xa1x\x01\xa1v\x02", decoded{at, ok, stream.NoField, "k", bad(stream.NoField)}},
		{Config{Format: "msgpack", Values: []string{"5", "-1"}}, "\x83\x05\x01\xff\x02\x91\x05\x03", decoded{at, ok, ok, "k", []stream.Value{{Number: 1}, {Number: 2}}}},
		{Config{Format: "msgpack", Values: []string{"v"}}, "\x82\xa1u\xd5\x07ab\xa1v\x02", decoded{at, ok, ok, "k", num(2)}},
		{Config{Format: "msgpack", Values: []string{"v"}}, "\x81\xa1v\xcb\x7f\xf0\x00\x00\x00\x00\x00\x00", decoded{at, ok, stream.NotFinite, "k", bad(stream.NotFinite)}},
	})
}

// TestMsgpackChoice: times are no values, and leaves are in document order.
func TestMsgpackChoice(t *testing.T) {
	var b bytes.Buffer
	e := msgpack.NewEncoder(&b)
	_ = e.EncodeMapLen(4)
	for _, pair := range [][2]any{{"at", time.UnixMilli(5)}, {"id", "x"}, {"", 4}, {"in", map[string]any{"temp": 2}}} {
		_ = e.Encode(pair[0])
		_ = e.Encode(pair[1])
	}
	p := mustResolve(t, Config{Format: "msgpack"}, b.String())
	if !slices.Equal(p.Series, []string{"in.temp"}) {
		t.Errorf("%q: %s", p.Series, p.Reason)
	}
	leaves, _ := p.format.leaves(b.Bytes(), 50)
	if got := describe(leaves); !slices.Equal(got, []string{"at (time)", "id (text)", "in.temp (number)"}) {
		t.Errorf("%q", got)
	}
}

func TestMsgpackAllocations(t *testing.T) {
	payload := packed(t, map[string]any{"ts": time.UnixMilli(1795327201500), "id": "s-1", "v": 21.54, "n": []int{1, 70000, -3}})
	d := mustResolve(t, Config{Format: "msgpack", Time: "ts", Keys: []string{"id", "n[1]"}, Values: []string{"v"}}).NewDecoder()
	r, e := stream.Record{Value: []byte(payload)}, stream.Event{}
	if n := testing.AllocsPerRun(100, func() { d.Decode(&r, &e) }); n != 0 || e.Reason != stream.OK {
		t.Errorf("%v allocations, %v", n, e.Reason)
	}
}

// FuzzMsgpack: what the library can skip to its end is well formed here, but for
// timestamps that are none, and a field that is found has the library's value.
func FuzzMsgpack(f *testing.F) {
	f.Add([]byte(packed(f, map[string]any{"v": 1.5, "w": []any{1, "x", nil}})))
	f.Add([]byte("\x81\xa1v\xd6\xff\x00\x00\x00\x05"))
	f.Add([]byte("\xc0"))
	r := newMsgpackReader([]path{{{name: "v"}}})
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) == 0 {
			return
		}
		reason := r.read(b)
		rest := bytes.NewReader(b)
		skipped := msgpack.NewDecoder(rest).Skip() == nil && rest.Len() == 0
		if reason != stream.OK {
			if skipped && len(b) < maxBinaryDepth && !bytes.Contains(b, []byte{0xff}) {
				t.Fatalf("%x is malformed, but can be skipped", b)
			}
			return
		}
		v, err := msgpack.NewDecoder(bytes.NewReader(b)).DecodeInterface()
		m, isMap := v.(map[string]any)
		if err != nil || !isMap {
			return
		}
		switch x := m["v"].(type) {
		case string:
			if got := r.field(0); got.kind != text || string(got.text) != x {
				t.Fatalf("%x: %+v, want %q", b, got, x)
			}
		case float64:
			if got := r.field(0).value(); got.Reason == stream.OK && got.Number != x {
				t.Fatalf("%x: %+v, want %v", b, got, x)
			}
		}
	})
}
