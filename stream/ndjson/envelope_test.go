package ndjson

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

func TestEnvelopeGolden(t *testing.T) {
	id := window.PartitionID{Topic: "sensors", Partition: 1}
	var out []byte
	for _, a := range [][]stream.Assignment{
		nil,
		{
			{ID: window.PartitionID{Topic: "a", Partition: 0}, Start: 0, End: 5120, FromBeginning: true, Before: window.MinTime},
			{ID: window.PartitionID{Topic: "a", Partition: 10}, Start: 7, End: 9, Before: window.MinTime, Short: true},
			{ID: window.PartitionID{Topic: "a", Partition: 11}, Start: 7, End: 7, Before: 1795327199999},
			{ID: window.PartitionID{Topic: "b\"", Partition: 0}, Start: 3, End: -1, Before: window.MaxTime},
		},
	} {
		out = append(AppendHeader(out, a), '\n')
	}
	for _, r := range []stream.Record{
		{Offset: 0, Timestamp: 1795327200000, Clock: window.ClockCreate, Key: []byte("k"), Value: []byte(`{"v":"é"}`)},
		{Offset: 1, Timestamp: -1, Clock: window.ClockCreate},
		{Offset: 2, Timestamp: 5, Clock: window.ClockAppend, Key: []byte{}, Value: []byte{0xff}},
		{Offset: 3, Timestamp: -1, Key: []byte{0xff}, Value: []byte{}, Headers: []stream.Header{{Key: []byte("a"), Value: []byte("b")}, {Key: []byte("c")}}},
		{Offset: 4, Timestamp: -1, Headers: []stream.Header{{Key: []byte("a"), Value: []byte{0xff}}, {Key: []byte("c")}, {Key: []byte("d"), Value: []byte{}}}},
	} {
		out = append(AppendEnvelope(out, id, &r), '\n')
	}
	golden(t, "envelope.ndjson", out)
}

// TestParse reads what kcat 1.7.1 -J printed for a librdkafka mock
// cluster, and lines that people make of that.
func TestParse(t *testing.T) {
	type record = stream.Record
	create, app := window.ClockCreate, window.ClockAppend
	for _, c := range []struct {
		name, line string
		want       record
	}{
		{
			"headers", `{"topic":"t","partition":3,"offset":7,"tstype":"create","ts":5,"broker":1,"headers":["a","b","c","","d",null],"key":"k1","payload":"v1"}`,
			record{Offset: 7, Timestamp: 5, Clock: create, Key: []byte("k1"), Value: []byte("v1"), Headers: []stream.Header{{Key: []byte("a"), Value: []byte("b")}, {Key: []byte("c"), Value: []byte{}}, {Key: []byte("d")}}},
		},
		{
			"raw bytes", "{\"topic\":\"t\",\"partition\":3,\"offset\":1,\"tstype\":\"logappend\",\"ts\":5,\"broker\":1,\"key\":\"\xff\xfek\",\"payload\":\"\xff{\\\"a\\\":1}\\u0001\"}",
			record{Offset: 1, Timestamp: 5, Clock: app, Key: []byte("\xff\xfek"), Value: []byte("\xff{\"a\":1}\x01")},
		},
		{
			"null payload", `{"topic":"t","partition":3,"offset":0,"tstype":"create","ts":5,"broker":1,"key":"k2","payload":null}`,
			record{Offset: 0, Timestamp: 5, Clock: create, Key: []byte("k2")},
		},
		{
			"empty is not null", `{"topic":"t","partition":3,"offset":0,"ts":-1,"key":"","payload":""}`,
			record{Timestamp: -1, Clock: create, Key: []byte{}, Value: []byte{}},
		},
		{
			"the least", ` { "offset" : 0 , "partition" : 3 , "topic" : "t" } `,
			record{Timestamp: -1, Clock: create},
		},
		{
			"nested payload", `{"topic":"t","partition":3,"offset":0,"payload":{"a": [1, "\u00e9"]},"key":12}`,
			record{Timestamp: -1, Clock: create, Key: []byte("12"), Value: []byte(`{"a": [1, "\u00e9"]}`)},
		},
		{
			"number payload", `{"topic":"t","partition":3,"offset":0,"payload":-1.50}`,
			record{Timestamp: -1, Clock: create, Value: []byte("-1.50")},
		},
		{
			"base64 wins", `{"topic":"t","partition":3,"offset":0,"payload_base64":"\/\/4=","payload":"x","key":"y","key_base64":""}`,
			record{Timestamp: -1, Clock: create, Key: []byte{}, Value: []byte("\xff\xfe")},
		},
		{
			"null base64 does not", `{"topic":"t","partition":3,"offset":0,"payload_base64":null,"payload":"x"}`,
			record{Timestamp: -1, Clock: create, Value: []byte("x")},
		},
		{
			"last of a kind", `{"topic":"x","topic":"\u0074","partition":3,"offset":9,"\u006fffset":1}`,
			record{Offset: 1, Timestamp: -1, Clock: create},
		},
		{
			"old time", `{"topic":"t","partition":3,"offset":0,"ts":-86400000}`,
			record{Timestamp: -86400000, Clock: create},
		},
	} {
		var p parser
		e, err := p.parse([]byte(c.line))
		if err != nil || string(e.topic) != "t" || e.partition != 3 {
			t.Errorf("%s: %q/%d, %v", c.name, e.topic, e.partition, err)
		}
		if diff := cmp.Diff(c.want, e.Record); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for line, want := range map[string]string{
		`hello`:                                 "not a JSON object",
		`[1]`:                                   "not a JSON object",
		`{"topic":"t","partition":0,"offset":1`: "not a JSON object",
		`{"topic":"t","partition":0,"offset":1} x`: "not a JSON object",
		`{}`:                                                               `no "topic"`,
		`{"topic":"","partition":0,"offset":1}`:                            `no "topic"`,
		`{"topic":5,"partition":0,"offset":1}`:                             `no "topic"`,
		`{"topic":"t","offset":1}`:                                         `no "partition"`,
		`{"topic":"t","partition":0}`:                                      `no "offset"`,
		`{"topic":"t","partition":0,"offset":null}`:                        `no "offset"`,
		`{"topic":"t","partition":-1,"offset":1}`:                          `"partition" is "-1", not a whole number from 0 to 2147483647`,
		`{"topic":"t","partition":2147483648,"offset":1}`:                  `"partition" is "2147483648", not a whole number from 0 to 2147483647`,
		`{"topic":"t","partition":0,"offset":1.5}`:                         `"offset" is "1.5", not a whole number from 0 to 9223372036854775806`,
		`{"topic":"t","partition":0,"offset":"1"}`:                         `"offset" is "1", not a whole number from 0 to 9223372036854775806`,
		`{"topic":"t","partition":0,"offset":1,"ts":"x"}`:                  `"ts" is "x", not whole milliseconds`,
		`{"topic":"t","partition":0,"offset":1,"key_base64":"*"}`:          `"key_base64": illegal base64 data at input byte 0`,
		`{"topic":"t","partition":0,"offset":1,"headers":["a"]}`:           `"headers" is not an array of names and values in turn`,
		`{"topic":"t","partition":0,"offset":1,"headers":[1,"a"]}`:         `"headers" is not an array of names and values in turn`,
		`{"topic":"t","partition":0,"offset":1,"headers":{"a":"b"}}`:       `"headers" is not an array of names and values in turn`,
		`{"topic":"t","partition":0,"offset":1,"headers":["a",{}]}`:        `"headers" is not an array of names and values in turn`,
		`{"topic":"t","partition":0,"offset":1,"headers_base64":["*",""]}`: `"headers_base64": illegal base64 data at input byte 0`,
	} {
		var p parser
		if _, err := p.parse([]byte(line)); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", line, err, want)
		}
	}
}

// FuzzEnvelope writes records and reads them back.
func FuzzEnvelope(f *testing.F) {
	f.Add("t", int64(7), []byte("k"), []byte("v"), []byte("h"), byte(0))
	f.Add("a\"\u2028", int64(0), []byte("\xff"), []byte(`{"a":"\u00e9"}`), []byte("\xff"), byte(255))
	f.Fuzz(func(t *testing.T, topic string, offset int64, key, payload, header []byte, nulls byte) {
		id := window.PartitionID{Topic: topic, Partition: int32(offset & 0xffff)}
		want := stream.Record{Offset: offset & (1<<62 - 1), Timestamp: offset, Clock: window.ClockCreate}
		fields := []*[]byte{&want.Key, &want.Value}
		if nulls&4 == 0 {
			want.Headers = []stream.Header{{Key: header}, {Key: payload, Value: key}}
			want.Headers[0].Key = append([]byte{}, header...)
			fields = append(fields, &want.Headers[0].Value)
		}
		for i, dst := range fields {
			if nulls&(1<<i) == 0 {
				*dst = append([]byte{}, [][]byte{key, payload, header}[i]...)
			}
		}
		line := AppendEnvelope(nil, id, &want)
		if !json.Valid(line) || bytes.IndexByte(line, '\n') >= 0 {
			t.Fatalf("not one line of JSON: %s", line)
		}
		var p parser
		e, err := p.parse(line)
		if topic == "" {
			return // an empty topic is read as none
		}
		if err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		if string(e.topic) != string([]rune(topic)) || e.partition != id.Partition {
			t.Errorf("%q/%d from %s", e.topic, e.partition, line)
		}
		if diff := cmp.Diff(want, e.Record); diff != "" {
			t.Errorf("%s\n%s", diff, line)
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"topic":"t","partition":0,"offset":1,"headers":["a",null],"payload":{"a":1}}`))
	f.Add([]byte(`{"topic":"t","partition":0,"offset":1,"headers_base64":["YQ==",null],"payload":"\ud83d"}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		var p parser
		e, err := p.parse(line)
		if err != nil {
			return
		}
		if !json.Valid(line) {
			t.Fatalf("%q is not JSON", line)
		}
		if len(e.topic) == 0 || e.partition < 0 || e.Offset < 0 {
			t.Errorf("%q gave %+v", line, e)
		}
	})
}
