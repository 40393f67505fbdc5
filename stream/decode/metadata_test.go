package decode

import (
	"testing"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// beside is a record with all that a path of metadata can name.
func beside(payload string) *stream.Record {
	r := &stream.Record{
		ID: window.PartitionID{Topic: "sensors", Partition: 3}, Offset: 42, Timestamp: kafkaStamp,
		Key: []byte("k-1"), Value: []byte(payload),
		Headers: []stream.Header{
			{Key: []byte("n"), Value: []byte("1")},
			{Key: []byte("trace.id"), Value: []byte("abc")},
			{Key: []byte("n"), Value: []byte("2.5")},
			{Key: []byte("null")},
			{Key: []byte("ce_time"), Value: []byte("2026-11-22T06:00:05Z")},
		},
	}
	if payload == "NULL" {
		r.Value = nil
	}
	return r
}

func TestMetadata(t *testing.T) {
	const payload = `{"v":1,"@key":"of the payload"}`
	for _, tt := range []struct {
		name   string
		config Config
		value  string
		want   decoded
	}{
		{"all keys", Config{Keys: []string{"@topic", "@key", "@partition", "@offset", "@timestamp", "@header.trace.id"}}, payload, decoded{at, ok, ok, "sensors/k-1/3/42/1795327200000/abc", num(1)}},
		{"one key", Config{Keys: []string{"@partition"}, Values: []string{"@offset"}}, payload, decoded{at, ok, ok, "3", num(42)}},
		{"the Kafka key", Config{Keys: []string{"@key"}}, payload, decoded{at, ok, ok, "k-1", num(1)}},
		{"a field of that name", Config{Keys: []string{`\@key`}}, payload, decoded{at, ok, ok, "of the payload", num(1)}},
		{"beside a field", Config{Keys: []string{"@header.n", "v"}}, payload, decoded{at, ok, ok, "2.5/1", nil}},
		{"no such header", Config{Keys: []string{"@header.x"}}, payload, decoded{at, ok, stream.NoField, "nil", num(1)}},
		{"a null header", Config{Keys: []string{"@header.null"}}, payload, decoded{at, ok, stream.NoField, "nil", num(1)}},
		{"a header's number", Config{Values: []string{"x=@header.n", "v"}}, payload, decoded{at, ok, ok, "k-1", []stream.Value{{Number: 2.5}, {Number: 1}}}},
		{"a header's text", Config{Values: []string{"@header.trace.id"}}, payload, decoded{at, ok, stream.NotANumber, "k-1", bad(stream.NotANumber)}},
		{"a header's time", Config{Time: "@header.ce_time"}, payload, decoded{1795327205000, ok, ok, "k-1", num(1)}},
		{"no time", Config{Time: "@header.x"}, payload, decoded{0, stream.NoTime, ok, "k-1", num(1)}},
		{"the Kafka time", Config{Time: "@timestamp"}, payload, decoded{at, ok, ok, "k-1", num(1)}},
		// What is beside the payload can be read whatever the payload is.
		{"malformed", Config{Time: "@header.ce_time", Keys: []string{"@partition"}, Values: []string{"v"}}, `{`, decoded{1795327205000, ok, stream.Malformed, "3", bad(stream.NoField)}},
		{"null", Config{Time: "@header.ce_time", Keys: []string{"@partition", "v"}, Values: []string{"v"}}, `NULL`, decoded{1795327205000, ok, stream.Null, "nil", bad(stream.NoField)}},
		{"text", Config{Format: "text", Values: []string{"@offset"}}, "x", decoded{at, ok, ok, "k-1", num(42)}},
	} {
		d := mustResolve(t, tt.config, payload).NewDecoder()
		for range 2 {
			var e stream.Event
			d.Decode(beside(tt.value), &e)
			got := decoded{e.Time, e.TimeReason, e.Reason, "nil", e.Values}
			if e.Key != nil {
				got.key = string(e.Key)
			}
			if !got.equal(tt.want) {
				t.Errorf("%s:\n got %+v\nwant %+v", tt.name, got, tt.want)
			}
			if own := tt.config.OwnTime(); e.FromPayload != own {
				t.Errorf("%s: from payload %v, own time %v", tt.name, e.FromPayload, own)
			}
		}
	}
}

// TestNullKeyByName: naming the Kafka key changes nothing, also where it is null.
func TestNullKeyByName(t *testing.T) {
	var e stream.Event
	mustResolve(t, Config{Keys: []string{"@key"}}, "5").NewDecoder().Decode(&stream.Record{Value: []byte("5")}, &e)
	if e.Key != nil || e.Reason != stream.OK {
		t.Errorf("%q, %v", e.Key, e.Reason)
	}
}

// TestMetadataLeavesFormatOpen: only fields of the payload mean that it has
// fields.
func TestMetadataLeavesFormatOpen(t *testing.T) {
	c := Config{Time: "@timestamp", Keys: []string{"@header.h"}, Values: []string{"@offset"}, Distinct: []string{"@key"}}
	if p := mustResolve(t, c, "12"); p.Format != formatNumber {
		t.Errorf("the format is %s", p.Format)
	}
}

func TestMetadataAllocations(t *testing.T) {
	d := mustResolve(t, Config{
		Time: "@header.ce_time", Keys: []string{"@topic", "@partition", "@header.trace.id"},
		Values: []string{"@offset", "@header.n"}, Distinct: []string{"@key"},
	}, `{"v":1}`).NewDecoder()
	r, e := beside(`{"v":1}`), stream.Event{}
	if n := testing.AllocsPerRun(100, func() { d.Decode(r, &e) }); n != 0 || e.Reason != stream.OK {
		t.Errorf("%v allocations, %v", n, e.Reason)
	}
}
