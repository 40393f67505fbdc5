package decode

import (
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/twmb/franz-go/pkg/sr"

	"github.com/oriel-stream/oriel/stream"
)

// everyFormat has decoders for each format, and a payload of it.
func everyFormat(tb testing.TB) (plans []*Plan, payloads []string) {
	tb.Helper()
	message := readingMessage(tb)
	registry := shelf(tb)
	for _, c := range []struct {
		config  Config
		payload string
	}{
		{Config{Format: "json", Time: "ts", Keys: []string{"host"}, Values: []string{"temp", "list[1]"}}, `{"ts":1795327201,"host":"a","temp":21.5,"list":[1,2]}`},
		{Config{Format: "json", Where: `temp > 2 && host != "b"`}, `{"host":"a","temp":21.5}`},
		{Config{Format: "number"}, " 21.5e-1 "},
		{Config{Format: "text"}, "a line"},
		{Config{Format: "csv:ts,host,temp", Time: "ts", Keys: []string{"host"}, Values: []string{"temp"}, Distinct: []string{"host"}}, "1795327201,\"a,b\",21.5"},
		{Config{Format: "msgpack", Time: "ts", Keys: []string{"host"}, Values: []string{"temp"}}, packed(tb, map[string]any{"ts": 1795327201, "host": "a", "temp": 21.5})},
		{Config{Format: "protobuf", Proto: message, Time: "at", Keys: []string{"host"}, Values: []string{"temp"}}, messageOfJSON(tb, message.descriptor, readingJSON)},
		{Config{Format: "avro", Registry: registry, Time: "at", Keys: []string{"host"}, Values: []string{"seq.n", "tags.a"}}, encodedReading(tb, nil)},
		{Config{Format: "protobuf", Registry: registry, Keys: []string{"host"}, Values: []string{"temp"}}, framed(2, []byte("\x00"+messageOfJSON(tb, message.descriptor, readingJSON)))},
		{Config{Format: "json", Values: []string{"v"}}, framed(3, []byte(`{"v":5}`))},
	} {
		plans, payloads = append(plans, mustResolve(tb, c.config, c.payload)), append(payloads, c.payload)
	}
	return plans, payloads
}

// shelf is a registry without a network: Avro has the id 1, Protobuf 2 and JSON
// Schema 3; 4 cannot be had, and others do not exist.
func shelf(tb testing.TB) *Registry {
	tb.Helper()
	reading, err := parseAvro(readingAvro, references{})
	if err != nil {
		tb.Fatal(err)
	}
	message := readingMessage(tb).descriptor.ParentFile()
	r := registryAt(tb, RegistryConfig{URL: "http://nowhere.invalid"})
	r.outage = outage{}
	r.fetch = func(id int) (*schema, error) {
		switch id {
		case 1:
			return &schema{kind: sr.TypeAvro, avro: reading}, nil
		case 2:
			return &schema{kind: sr.TypeProtobuf, proto: message}, nil
		case 3:
			return &schema{kind: sr.TypeJSON}, nil
		case 4:
			return nil, &unavailableError{final: true, cause: errors.New("not now")}
		default:
			return nil, errors.New("there is none")
		}
	}
	return r
}

// TestEmptyTextIsAKey: an empty text groups records by it, and is not the null
// key, also where a decoder meets it first.
func TestEmptyTextIsAKey(t *testing.T) {
	message := readingMessage(t)
	for _, c := range []struct {
		config  Config
		payload string
	}{
		{Config{Format: "json"}, `{"host":""}`},
		{Config{Format: "msgpack"}, packed(t, map[string]any{"host": ""})},
		{Config{Format: "protobuf", Proto: message}, messageOfJSON(t, message.descriptor, `{"temp":1}`)},
		{Config{Format: "avro", Registry: shelf(t)}, encodedReading(t, func(v map[string]any) { v["host"] = "" })},
	} {
		c.config.Keys, c.config.Values = []string{"host"}, []string{"none"}
		d := mustResolve(t, c.config, c.payload).NewDecoder()
		for range 2 {
			if got := decode(d, c.payload); got.key != "" || got.reason != ok {
				t.Errorf("%s: key %q, %v", c.config.Format, got.key, got.reason)
			}
		}
	}
}

// FuzzFormats: no payload breaks a decoder of any format, what a decoder says of
// a record does not depend on the one before, and the values of a record that
// counts are finite.
func FuzzFormats(f *testing.F) {
	plans, payloads := everyFormat(f)
	for i, p := range payloads {
		f.Add(p, payloads[(i+1)%len(payloads)])
		f.Add(p, p[:len(p)/2])
	}
	f.Add(framed(4, []byte("x")), framed(9, []byte("x")))
	f.Add("", "\x00\x00\x00\x00\x02\x80\x80\x80\x80\x10")
	used := make([]stream.Decoder, len(plans))
	for i, p := range plans {
		used[i] = p.NewDecoder()
	}
	f.Fuzz(func(t *testing.T, before, payload string) {
		for i, p := range plans {
			decode(used[i], before)
			got, want := decode(used[i], payload), decode(p.NewDecoder(), payload)
			if !got.equal(want) {
				t.Fatalf("%s: %q behind %q is %+v, alone %+v", p.Format, payload, before, got, want)
			}
			for _, v := range got.values {
				if v.Reason == stream.OK && (math.IsNaN(v.Number) || math.IsInf(v.Number, 0)) {
					t.Fatalf("%s: %q has the value %v", p.Format, payload, v.Number)
				}
			}
			p.View([]byte(payload))
		}
	})
}

// FuzzResolve: whatever the first records are, there is a plan, and the next
// records can be read by it.
func FuzzResolve(f *testing.F) {
	_, payloads := everyFormat(f)
	for i, p := range payloads {
		f.Add(p, payloads[(i+1)%len(payloads)], "temp")
	}
	f.Add("host,temp", "a,1", "temp")
	registry := shelf(f)
	f.Fuzz(func(t *testing.T, first, second, value string) {
		for _, c := range []Config{
			{},
			{Registry: registry, Values: []string{value}},
			{Format: "csv", Keys: []string{value}},
			{Format: "msgpack", Time: value},
		} {
			p, err := c.Resolve(samples(first, second))
			if err != nil {
				if _, away := errors.AsType[*RegistryError](err); !away && c.Validate() == nil {
					t.Fatalf("%+v of %q, %q: %v", c, first, second, err)
				}
				continue
			}
			d := p.NewDecoder()
			for _, payload := range []string{first, second} {
				var e stream.Event
				d.Decode(&stream.Record{Value: []byte(payload)}, &e)
				if len(e.Values) != len(p.Series) && !e.Filtered {
					t.Fatalf("%d values for the series %q", len(e.Values), p.Series)
				}
			}
			p.Explain(samples(first, second))
		}
	})
}

// FuzzFraming: behind the id of a JSON Schema a document is what it is alone.
func FuzzFraming(f *testing.F) {
	for _, s := range []string{`{"v":5}`, `{"v":"x"}`, `[1]`, "5", "", "\x00\x00\x00\x00\x01{}", `{"v":1e999}`} {
		f.Add(s, uint32(7))
	}
	plan := mustResolve(f, Config{Format: "json", Values: []string{"v"}}, framed(3, []byte(`{"v":5}`)))
	f.Fuzz(func(t *testing.T, document string, id uint32) {
		payload := framed(int(id), []byte(document))
		got, want := decode(plan.NewDecoder(), payload), decode(plan.NewDecoder(), document)
		alone := len(document) > 0 && document[0] != 0 && document != "NULL"
		if alone && !got.equal(want) {
			t.Fatalf("%q: %+v framed, %+v alone", document, got, want)
		}
		gotID, rest, isFramed := unframe([]byte(payload))
		if !isFramed || uint32(gotID) != id || !slices.Equal(rest, []byte(document)) {
			t.Fatalf("%q is unframed to %d, %q", payload, gotID, rest)
		}
	})
}
