package decode

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/valyala/fastjson"

	"github.com/oriel-stream/oriel/stream"
)

// document returns a record of a sensor whose three fields (time, key, value)
// stand among others: 110 bytes, or about size if that is more.
func document(size int) []byte { return documents(size)[0] }

// documents returns records like that of many sensors: a processor must not
// know by heart what comes next.
func documents(size int) [][]byte {
	docs := make([][]byte, 256)
	random := rand.New(rand.NewPCG(1, 2))
	for n := range docs {
		var b strings.Builder
		fmt.Fprintf(&b, `{"site":"north","sensor":"s-%03d","seq":%d,"ts":%d,"temp":%.2f,"unit":"C","ok":true,"tags":["a"]`,
			random.IntN(200), 123456+random.IntN(100_000), 1795327200123+random.Int64N(1e6), 15*random.Float64()+5)
		for i := 0; b.Len()+60 < size; i++ {
			fmt.Fprintf(&b, `,"extra_%02d":{"name":"reading %d of many","raw":%d.25}`, i, i, random.IntN(1000))
		}
		b.WriteString("}")
		docs[n] = []byte(b.String())
	}
	return docs
}

// BenchmarkDecode reads time, key and value from a record.
func BenchmarkDecode(b *testing.B) {
	for _, size := range []int{110, 920} {
		payloads := documents(size)
		b.Run(fmt.Sprintf("%dB", size), func(b *testing.B) {
			d := mustResolve(b, Config{Time: "ts", Keys: []string{"sensor"}, Values: []string{"temp"}}).NewDecoder()
			r, e := stream.Record{}, stream.Event{}
			b.SetBytes(int64(len(payloads[0])))
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				r.Value = payloads[i%len(payloads)]
				d.Decode(&r, &e)
			}
			if e.Reason != stream.OK || e.TimeReason != stream.OK {
				b.Fatal(e.Reason, e.TimeReason)
			}
		})
	}
}

// BenchmarkFields finds the same three fields of 256 records and leaves them as
// they are written: with the reader and, in turns with it, with a reused
// fastjson.Parser, which it has to beat. The parser is spared what the reader
// does besides: to refuse NaN, control characters and broken escapes, and to take
// the last of equal names. It reports what a record takes in the median turn of
// each, for a turn in which other programs ran tells nothing, and how many times
// as long the parser takes.
func BenchmarkFields(b *testing.B) {
	names := []string{"ts", "sensor", "temp"}
	for _, size := range []int{110, 920} {
		b.Run(fmt.Sprintf("%dB", size), func(b *testing.B) {
			payloads := documents(size)
			r := newJSONReader([]path{{{name: names[0]}}, {{name: names[1]}}, {{name: names[2]}}})
			read := func() {
				for _, payload := range payloads {
					if r.read(payload) != stream.OK || r.field(0).kind == missing || r.field(1).kind == missing || r.field(2).kind == missing {
						b.Fatal("not all fields are found")
					}
				}
			}
			var parser fastjson.Parser
			parse := func() {
				for _, payload := range payloads {
					v, err := parser.ParseBytes(payload)
					if err != nil || v.Get(names[0]) == nil || v.Get(names[1]) == nil || v.Get(names[2]) == nil {
						b.Fatal("not all fields are found", err)
					}
				}
			}
			var own, others []time.Duration
			for b.Loop() {
				own, others = append(own, timeOf(read)), append(others, timeOf(parse))
			}
			slices.Sort(own)
			slices.Sort(others)
			reader, fast := float64(own[len(own)/2].Nanoseconds()), float64(others[len(others)/2].Nanoseconds())
			b.ReportMetric(0, "ns/op") // of both together it means nothing
			b.ReportMetric(reader/float64(len(payloads)), "ns/record")
			b.ReportMetric(fast/float64(len(payloads)), "fastjson-ns/record")
			b.ReportMetric(fast/reader, "x-fastjson")
			b.ReportMetric(testing.AllocsPerRun(10, read)/float64(len(payloads)), "allocs/record")
		})
	}
}

func timeOf(do func()) time.Duration {
	began := time.Now()
	do()
	return time.Since(began)
}

// BenchmarkTime parses one event time of each form.
func BenchmarkTime(b *testing.B) {
	for _, c := range []struct{ unit, text string }{
		{"auto", "1795327200123"},
		{"s", "1795327200.123"},
		{"rfc3339", "2026-11-22T06:00:00.123+01:00"},
		{"2006-01-02 15:04:05", "2026-11-22 06:00:00.123"},
	} {
		b.Run(strings.ReplaceAll(c.unit, " ", "_"), func(b *testing.B) {
			u, err := parseTimeUnit(c.unit)
			if err != nil {
				b.Fatal(err)
			}
			f := field{kind: text, text: []byte(c.text)}
			b.ReportAllocs()
			for b.Loop() {
				if _, reason := u.read(f); reason != stream.OK {
					b.Fatal(reason)
				}
			}
		})
	}
}

func mustResolve(tb testing.TB, c Config, payloads ...string) *Plan {
	tb.Helper()
	p, err := c.Resolve(samples(payloads...))
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// samples numbers payloads from offset 10 of sensors/0; "null" in capitals is
// a null payload.
func samples(payloads ...string) []Sample {
	out := make([]Sample, len(payloads))
	for i, p := range payloads {
		out[i] = Sample{Offset: int64(10 + i), Payload: []byte(p)}
		out[i].ID.Topic = "sensors"
		if p == "NULL" {
			out[i].Payload = nil
		}
	}
	return out
}

// BenchmarkFormats reads time, key and value from a record of each format.
func BenchmarkFormats(b *testing.B) {
	message := readingMessage(b)
	for _, c := range []struct {
		config  Config
		payload string
	}{
		{Config{Format: "csv:ts,host,temp"}, "1795327200123,s-001,21.54"},
		{Config{Format: "msgpack"}, packed(b, map[string]any{"ts": 1795327200123, "host": "s-001", "temp": 21.54, "seq": 123456})},
		{Config{Format: "protobuf", Proto: message}, messageOfJSON(b, message.descriptor, readingJSON)},
	} {
		name, _, _ := strings.Cut(c.config.Format, ":")
		c.config.Time, c.config.Keys, c.config.Values = "ts", []string{"host"}, []string{"temp"}
		if name == formatProtobuf {
			c.config.Time = "epochMillis"
		}
		b.Run(name, func(b *testing.B) {
			d := mustResolve(b, c.config).NewDecoder()
			r, e := stream.Record{Value: []byte(c.payload)}, stream.Event{}
			b.SetBytes(int64(len(c.payload)))
			b.ReportAllocs()
			for b.Loop() {
				d.Decode(&r, &e)
			}
			if e.Reason != stream.OK || e.TimeReason != stream.OK {
				b.Fatal(e.Reason, e.TimeReason)
			}
		})
	}
}

// BenchmarkWhere computes a condition whose values change with every record.
func BenchmarkWhere(b *testing.B) {
	d := mustResolve(b, Config{Where: `temp > 20 && sensor startsWith "s" && @partition == 3`}).NewDecoder()
	records := [2]*stream.Record{beside(string(document(110))), beside(`{"sensor":"s-2","temp":22.5}`)}
	var e stream.Event
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		d.Decode(records[i%2], &e)
	}
	if e.Filtered {
		b.Fatal("filtered")
	}
}
