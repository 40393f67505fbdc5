package decode

import (
	"encoding/binary"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/avro"
	"github.com/twmb/franz-go/pkg/sr"
	"github.com/twmb/franz-go/pkg/sr/srfake"

	"github.com/oriel-stream/oriel/stream"
)

// framed puts the id of a schema in front of a payload.
func framed(id int, payload []byte) string {
	head := make([]byte, frameSize)
	binary.BigEndian.PutUint32(head[1:], uint32(id))
	return string(head) + string(payload)
}

// fakeRegistry is a registry with schemas, from id 1 on.
func fakeRegistry(tb testing.TB, schemas ...sr.Schema) *srfake.Registry {
	tb.Helper()
	fake := srfake.New()
	tb.Cleanup(fake.Close)
	for i, s := range schemas {
		fake.SeedSchema("subject-"+string(rune('a'+i)), 1, i+1, s)
	}
	return fake
}

func registryAt(tb testing.TB, c RegistryConfig) *Registry {
	tb.Helper()
	r, err := NewRegistry(tb.Context(), c)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

const readingAvro = `{"type":"record","name":"Reading","namespace":"oriel","fields":[
 {"name":"seq","type":{"type":"record","name":"Seq","fields":[{"name":"z","type":"string"},{"name":"n","type":"long"}]}},
 {"name":"at","type":{"type":"long","logicalType":"timestamp-millis"}},
 {"name":"us","type":["null",{"type":"long","logicalType":"timestamp-micros"}]},
 {"name":"clock","type":{"type":"int","logicalType":"time-millis"}},
 {"name":"host","type":["null","string"]},
 {"name":"price","type":{"type":"bytes","logicalType":"decimal","precision":9,"scale":2}},
 {"name":"f","type":"float"},
 {"name":"kind","type":{"type":"enum","name":"Kind","symbols":["COLD","HOT"]}},
 {"name":"again","type":["null","Seq"]},
 {"name":"list","type":{"type":"array","items":"double"}},
 {"name":"tags","type":{"type":"map","values":"int"}},
 {"name":"ok","type":"boolean"}]}`

func reading() map[string]any {
	return map[string]any{
		"seq": map[string]any{"z": "zed", "n": int64(7)}, "at": time.UnixMilli(1795327201500), "us": time.UnixMicro(1795327201500250),
		"clock": int32(5000), "host": "h", "price": big.NewRat(-12345, 100), "f": float32(0.5), "kind": "HOT",
		"again": map[string]any{"z": "two", "n": int64(8)}, "list": []any{1.5, 2.5}, "tags": map[string]any{"b": int32(2), "a": int32(1)}, "ok": true,
	}
}

func encodedReading(tb testing.TB, change func(map[string]any)) string {
	tb.Helper()
	v := reading()
	if change != nil {
		change(v)
	}
	b, err := avro.MustParse(readingAvro).Encode(v)
	if err != nil {
		tb.Fatal(err)
	}
	return framed(1, b)
}

func TestDecodeAvro(t *testing.T) {
	registry := registryAt(t, RegistryConfig{URL: fakeRegistry(t, sr.Schema{Schema: readingAvro}, sr.Schema{Schema: `"double"`}).URL()})
	of := func(tm string, keys []string, values ...string) Config {
		return Config{Format: "avro", Registry: registry, Time: tm, Keys: keys, Values: values}
	}
	whole := encodedReading(t, nil)
	null := encodedReading(t, func(v map[string]any) { v["host"], v["us"], v["again"] = nil, nil, nil })
	const ts = 1795327201500
	checkDecode(t, []decodeCase{
		{of("at", []string{"host"}, "price"), whole, decoded{ts, ok, ok, "h", num(-123.45)}},
		{of("us", []string{"kind", "ok", "seq.z"}, "seq.n", "again.n", "list[1]", "tags.b", "f", "clock"), whole, decoded{ts, ok, ok, "HOT/true/zed", []stream.Value{{Number: 7}, {Number: 8}, {Number: 2.5}, {Number: 2}, {Number: 0.5}, {Number: 5000}}}},
		{of("us", []string{"seq.z"}, "seq.n", "again.n"), null, decoded{0, stream.NoTime, ok, "zed", []stream.Value{{Number: 7}, {Reason: stream.NoField}}}},
		{of("at", []string{"host"}, "seq.n"), null, decoded{ts, ok, stream.NoField, "nil", num(7)}},
		{of("at", nil, "none"), whole, decoded{ts, ok, ok, "k", nil}},
		{of("", nil, "no", "list[2]", "list", "at"), whole, decoded{at, ok, stream.NoField, "k", bad(stream.NoField, stream.NoField, stream.NotANumber, stream.NotANumber)}},
		{of("", nil, "seq.n"), whole + "\x00", decoded{at, ok, stream.Malformed, "k", bad(stream.NoField)}},
		{of("", nil, "seq.n"), whole[:len(whole)-1], decoded{at, ok, stream.Malformed, "k", bad(stream.NoField)}},
		{of("", nil, "seq.n"), "\x00\x00\x00", decoded{at, ok, stream.Malformed, "k", bad(stream.NoField)}},
		{of("", nil, "seq.n"), whole[5:], decoded{at, ok, stream.Malformed, "k", bad(stream.NoField)}},
		{of("", nil, "seq.n"), framed(99, []byte(whole[5:])), decoded{at, ok, stream.Malformed, "k", bad(stream.NoField)}},
	})
	p := mustResolve(t, Config{Format: "avro", Registry: registry}, framed(2, []byte("\x00\x00\x00\x00\x00\x00\xf8\x3f")))
	if got := decode(p.NewDecoder(), framed(2, []byte("\x00\x00\x00\x00\x00\x00\xf8\x3f"))); got.reason != ok || got.values[0].Number != 1.5 {
		t.Errorf("%s: %+v", p.Reason, got)
	}
}

// TestAvroAuto: auto asks the registry what a framed payload is. The first
// number is that of the schema's order, and times are none.
func TestAvroAuto(t *testing.T) {
	fake := fakeRegistry(t, sr.Schema{Schema: readingAvro})
	payload := encodedReading(t, nil)
	p := mustResolve(t, Config{Registry: registryAt(t, RegistryConfig{URL: fake.URL()}), Time: "at"}, payload)
	if p.Format != formatAvro || !slices.Equal(p.Series, []string{"seq.n"}) ||
		!strings.HasPrefix(p.Reason, "format: avro (sensors/0 offset 10 has schema 1 of the registry); value: seq.n") {
		t.Errorf("%s, %q, %s", p.Format, p.Series, p.Reason)
	}
	want := "the fields of sensors/0 offset 10 are seq.z (text), seq.n (number), at (time), us (time), clock (number), host (text), " +
		"price (number), f (number), kind (text), again.z (text), again.n (number), list[0] (number), list[1] (number), tags.a (number), tags.b (number), ok (boolean)"
	if got := p.Explain(samples(payload)); !strings.HasSuffix(got, want) {
		t.Error(got)
	}
	if view, ok := p.View([]byte(payload)); !ok || !strings.HasPrefix(string(view), `{"seq":{"z":"zed","n":7},"at":1795327201500`) {
		t.Errorf("%s", view)
	}
	for value, format := range map[string]string{"": formatText, "seq.n": formatJSON} {
		c := Config{}
		if value != "" {
			c.Values = []string{value}
		}
		p = mustResolve(t, c, payload)
		if p.Format != format || !strings.HasPrefix(p.Reason, "format: "+format+" (sensors/0 offset 10 looks like Avro or Protobuf behind the id of its schema, 1: --schema-registry http://HOST:8081 reads it); ") {
			t.Errorf("%s, %s", p.Format, p.Reason)
		}
	}
}

// TestAvroAutoBehindStrays: what other records are is not decided by one whose
// schema does not exist or cannot be used.
func TestAvroAutoBehindStrays(t *testing.T) {
	fake := fakeRegistry(t, sr.Schema{Schema: readingAvro}, sr.Schema{Schema: `{"type":"record"}`})
	registry := registryAt(t, RegistryConfig{URL: fake.URL()})
	payload := encodedReading(t, nil)
	strays := []string{framed(99, []byte(payload[5:])), framed(2, []byte(payload[5:]))}
	p := mustResolve(t, Config{Registry: registry}, append(strays, payload)...)
	if p.Format != formatAvro || !strings.HasPrefix(p.Reason, "format: avro (sensors/0 offset 12 has schema 1 of the registry); value: seq.n") {
		t.Errorf("%s, %s", p.Format, p.Reason)
	}
	p = mustResolve(t, Config{Registry: registry}, strays...)
	if p.Format != formatText || !strings.HasPrefix(p.Reason, "format: text (sensors/0 offset 10 may be Avro or Protobuf, but its schema, 99, cannot be used); value: none") {
		t.Errorf("%s, %s", p.Format, p.Reason)
	}
}

// TestAvroReferences: a schema may need others, which need others.
func TestAvroReferences(t *testing.T) {
	fake := srfake.New()
	t.Cleanup(fake.Close)
	fake.SeedSchema("unit", 1, 10, sr.Schema{Schema: `{"type":"enum","name":"Unit","symbols":["C","F"]}`})
	fake.SeedSchema("temp", 3, 11, sr.Schema{
		Schema:     `{"type":"record","name":"Temp","fields":[{"name":"unit","type":"Unit"},{"name":"degrees","type":"double"}]}`,
		References: []sr.SchemaReference{{Name: "Unit", Subject: "unit", Version: 1}},
	})
	main := `{"type":"record","name":"Main","fields":[{"name":"skip","type":"Temp"},{"name":"temp","type":"Temp"},{"name":"unit","type":"Unit"}]}`
	fake.SeedSchema("main", 1, 12, sr.Schema{Schema: main, References: []sr.SchemaReference{
		{Name: "Temp", Subject: "temp", Version: 3}, {Name: "Unit", Subject: "unit", Version: 1},
	}})
	refs := references{order: []string{"u", "t"}, texts: map[string]string{"u": `{"type":"enum","name":"Unit","symbols":["C","F"]}`, "t": `{"type":"record","name":"Temp","fields":[{"name":"unit","type":"Unit"},{"name":"degrees","type":"double"}]}`}}
	schema, err := parseAvro(main, refs)
	if err != nil {
		t.Fatal(err)
	}
	temp := map[string]any{"unit": "F", "degrees": 70.5}
	b, err := schema.Encode(map[string]any{"skip": temp, "temp": temp, "unit": "C"})
	if err != nil {
		t.Fatal(err)
	}
	registry := registryAt(t, RegistryConfig{URL: fake.URL()})
	d := mustResolve(t, Config{Registry: registry, Keys: []string{"temp.unit", "unit"}, Values: []string{"temp.degrees"}}, framed(12, b)).NewDecoder()
	if got := decode(d, framed(12, b)); got.key != "F/C" || got.values[0].Number != 70.5 {
		t.Errorf("%+v", got)
	}
}

// TestRegistry: a schema is asked for once, with the right to it, and what is
// wrong is told once.
func TestRegistry(t *testing.T) {
	const basic = "Basic dTpw" // u:p
	fake := srfake.New(srfake.WithAuth(basic))
	t.Cleanup(fake.Close)
	fake.SeedSchema("s", 1, 1, sr.Schema{Schema: `"double"`})
	var requests atomic.Int32
	fake.Intercept(func(http.ResponseWriter, *http.Request) bool {
		requests.Add(1)
		return false
	})
	withUser := strings.Replace(fake.URL(), "http://", "http://u:p@", 1)
	for _, c := range []RegistryConfig{{URL: withUser}, {URL: fake.URL(), User: "u", Password: "p"}} {
		var told []string
		c.Notice = func(n stream.Notice) { told = append(told, n.Text) }
		r := registryAt(t, c)
		requests.Store(0)
		for range 3 {
			if s, err := r.schema(1); err != nil || s.kind != sr.TypeAvro {
				t.Fatalf("%+v, %v", s, err)
			}
			if _, err := r.schema(2); err == nil {
				t.Fatal("there is no schema 2")
			}
		}
		if requests.Load() != 2 || len(told) != 1 || !strings.Contains(told[0], "schema 2 cannot be used, its records are malformed: the registry does not know it") {
			t.Errorf("%d requests, told %q", requests.Load(), told)
		}
		for id := range 2 * maxNotices {
			_, _ = r.schema(100 + id)
		}
		if len(told) != maxNotices {
			t.Errorf("%d notices", len(told))
		}
	}
	_, err := registryAt(t, RegistryConfig{URL: fake.URL()}).schema(1)
	if err == nil || !strings.Contains(err.Error(), "refuses access") || !strings.Contains(err.Error(), "basic.auth.user.info") {
		t.Errorf("%v", err)
	}
	for _, at := range []string{"localhost:8081", "", "ftp://x", "http://", "://"} {
		if _, err := NewRegistry(t.Context(), RegistryConfig{URL: at}); err == nil || !strings.Contains(err.Error(), "http://localhost:8081") {
			t.Errorf("%q: %v", at, err)
		}
	}
}

// TestJSONSchema: the framing of JSON needs no registry, and records without it
// are read as well.
func TestJSONSchema(t *testing.T) {
	payload := framed(3, []byte(`{"v":5}`))
	p := mustResolve(t, Config{}, payload)
	if p.Format != formatJSON || !strings.Contains(p.Reason, "format: json (sensors/0 offset 10 is JSON behind the id of a schema, 3); value: v") {
		t.Errorf("%s, %s", p.Format, p.Reason)
	}
	for s, want := range map[string]stream.Reason{payload: ok, `{"v":5}`: ok, framed(3, []byte(`{"v":5`)): stream.Malformed, "\x00\x00{}": stream.Malformed} {
		if got := decode(p.NewDecoder(), s); got.reason != want || want == ok && got.values[0].Number != 5 {
			t.Errorf("%q: %+v", s, got)
		}
	}
	if p := mustResolve(t, Config{Format: "json", Values: []string{"v"}}, payload); decode(p.NewDecoder(), payload).reason != ok {
		t.Error("--format json does not take the framing off")
	}
	if view, ok := p.View([]byte(payload)); !ok || string(view) != `{"v":5}` {
		t.Errorf("%s", view)
	}
}

// FuzzAvro: no bytes break the reader, and what it finds is what is in the whole
// of the record.
func FuzzAvro(f *testing.F) {
	schema, err := parseAvro(readingAvro, references{})
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(encodedReading(f, nil))[frameSize:])
	f.Add([]byte(encodedReading(f, func(v map[string]any) { v["host"], v["us"], v["again"] = nil, nil, nil }))[frameSize:])
	var paths []path
	for _, text := range []string{
		"seq.n", "seq", "at", "us", "clock", "host", "price", "f", "kind", "again.z", "again.none", "list[1]", "list", "tags.a", "ok", "none",
	} {
		p, err := parsePath(text)
		if err != nil {
			f.Fatal(err)
		}
		paths = append(paths, p)
	}
	r, whole := newAvroReader(schema, paths), newAvroReader(schema, paths)
	f.Fuzz(func(t *testing.T, b []byte) {
		var v any
		rest, err := schema.Decode(b, &v)
		wellFormed := err == nil && len(rest) == 0
		if wellFormed && r.read(b) != stream.OK {
			t.Fatalf("%x is malformed to the reader alone", b)
		}
		for i := 0; wellFormed && i < len(paths); i++ {
			if i == 0 {
				whole.forget()
				whole.walk(whole.root, v)
			}
			if got, want := r.field(i), whole.field(i); got.kind != want.kind || string(got.text) != string(want.text) {
				t.Fatalf("%x: %v is %v %q, want %v %q", b, paths[i], got.kind, got.text, want.kind, want.text)
			}
		}
		avroLeaves(schema, b, 20)
	})
}

// TestAvroAllocations: none for scalars, nullable ones, times and what is in
// records in records.
func TestAvroAllocations(t *testing.T) {
	fake := fakeRegistry(t, sr.Schema{Schema: readingAvro})
	d := mustResolve(t, Config{
		Format: "avro", Registry: registryAt(t, RegistryConfig{URL: fake.URL()}), Time: "at", Keys: []string{"host", "kind", "again.z"}, Values: []string{"f", "seq.n"},
	}).NewDecoder()
	r, e := stream.Record{Value: []byte(encodedReading(t, nil))}, stream.Event{}
	if n := testing.AllocsPerRun(100, func() { d.Decode(&r, &e) }); n != 0 || e.Reason != stream.OK {
		t.Errorf("%v allocations, %v", n, e.Reason)
	}
}

// BenchmarkAvro reads three fields of twelve.
func BenchmarkAvro(b *testing.B) {
	r := newAvroReader(avro.MustParse(readingAvro), []path{{{name: "at"}}, {{name: "host"}}, {{name: "f"}}})
	payload := []byte(encodedReading(b, nil))[5:]
	b.ReportAllocs()
	for b.Loop() {
		if r.read(payload) != stream.OK {
			b.Fatal("malformed")
		}
	}
}

// TestAvroNamesOfTwoNamespaces: records of one simple name are told apart, in
// the namespace they stand in and by their full names.
func TestAvroNamesOfTwoNamespaces(t *testing.T) {
	const text = `{"type":"record","name":"R","namespace":"a","fields":[
		{"name":"one","type":{"type":"record","name":"X","namespace":"a","fields":[{"name":"v","type":"double"}]}},
		{"name":"two","type":{"type":"record","name":"X","namespace":"b","fields":[{"name":"v","type":"string"}]}},
		{"name":"again","type":"X"},
		{"name":"third","type":"b.X"}]}`
	fake := fakeRegistry(t, sr.Schema{Schema: text})
	x := func(v any) map[string]any { return map[string]any{"v": v} }
	b, err := avro.MustParse(text).AppendEncode(nil, map[string]any{"one": x(1.5), "two": x("b"), "again": x(2.5), "third": x("c")})
	if err != nil {
		t.Fatal(err)
	}
	reader := newFramedReader(formatAvro, registryAt(t, RegistryConfig{URL: fake.URL()}), []path{
		{{name: "one"}, {name: "v"}}, {{name: "two"}, {name: "v"}}, {{name: "again"}, {name: "v"}}, {{name: "third"}, {name: "v"}},
	})
	if got := reader.read([]byte(framed(1, b))); got != stream.OK {
		t.Fatal(got)
	}
	for i, want := range []string{"1.5", "b", "2.5", "c"} {
		if got := string(reader.field(i).text); got != want {
			t.Errorf("field %d is %s, want %s", i, got, want)
		}
	}
}

// TestAvroUnionsOfSeveral: what a record holds does not depend on the branch that
// the one before it had.
func TestAvroUnionsOfSeveral(t *testing.T) {
	const amount = `{"type":"bytes","logicalType":"decimal","precision":9,"scale":2}`
	schema, err := avro.Parse(`{"type":"record","name":"R","fields":[
		{"name":"a","type":["long",` + amount + `]},
		{"name":"list","type":{"type":"array","items":["long",` + amount + `]}},
		{"name":"below","type":["null",{"type":"record","name":"B","fields":[{"name":"c","type":["long",` + amount + `]}]}]}]}`)
	if err != nil {
		t.Fatal(err)
	}
	r := newAvroReader(schema, []path{{{name: "a"}}, {{name: "list"}, {index: 0}}, {{name: "below"}, {name: "c"}}})
	const long, decimal = "\x00\x06", "\x02\x02\x01" // the branch, and 3 or 0.01
	for i, branch := range []string{long, decimal, long, long} {
		payload := branch + "\x02" + branch + "\x00" + "\x02" + branch
		if got := r.read([]byte(payload)); got != stream.OK {
			t.Errorf("record %d is %v", i, got)
			continue
		}
		want := 3.0
		if i == 1 {
			want = 0.01
		}
		for f := range 3 {
			if got := r.field(f).value().Number; got != want {
				t.Errorf("field %d of record %d is %v, want %v", f, i, got, want)
			}
		}
	}
}
