package decode

import (
	"context"
	"encoding/binary"
	"errors"
	"io/fs"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/sr"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/oriel-stream/oriel/stream"
)

const readingProto = `syntax = "proto3";
package oriel;
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";
import "common/unit.proto";
message Reading {
  message Inner { sint64 deep = 1; repeated string names = 2; Inner again = 3; }
  string host = 5;
  Inner inner = 1;
  google.protobuf.Timestamp at = 2;
  double temp = 3;
  optional int32 maybe = 4;
  Unit unit = 6;
  repeated float raw = 7;
  map<string, double> tags = 8;
  map<int32, Inner> inners = 9;
  google.protobuf.DoubleValue wrapped = 10;
  oneof which { uint64 big = 11; bool flag = 12; }
  bytes blob = 13;
  sfixed32 s32 = 14;
  fixed64 f64 = 15;
  int64 epochMillis = 16;
}
message Other { Reading reading = 1; }
`

const unitProto = `syntax = "proto3"; package oriel; enum Unit { CELSIUS = 0; FAHRENHEIT = 1; }`

// protoFiles are the files that --proto may read.
func protoFiles(path string) ([]byte, error) {
	switch path {
	case "protos/reading.proto":
		return []byte(readingProto), nil
	case "protos/common/unit.proto":
		return []byte(unitProto), nil
	case "protos/one.proto":
		return []byte(`syntax = "proto2"; message One { required double v = 1; optional Part part = 2; message Part { optional int32 x = 1; } optional group G = 3 { optional int32 y = 1; } optional int32 d = 4 [default = 7]; }`), nil
	case "protos/set.binpb":
		reading, err := LoadProto(context.Background(), "protos/reading.proto", "Reading", protoFiles)
		if err != nil {
			return nil, err
		}
		set := &descriptorpb.FileDescriptorSet{}
		collectFiles(set, reading.descriptor.ParentFile(), make(map[string]bool))
		return proto.Marshal(set)
	case "protos/broken.proto":
		return []byte(`syntax = "proto3"; message {`), nil
	case "protos/none.binpb":
		return []byte("\xff"), nil
	}
	return nil, fs.ErrNotExist
}

// collectFiles adds a file behind those that it imports.
func collectFiles(set *descriptorpb.FileDescriptorSet, f protoreflect.FileDescriptor, seen map[string]bool) {
	if seen[f.Path()] {
		return
	}
	seen[f.Path()] = true
	for i := range f.Imports().Len() {
		collectFiles(set, f.Imports().Get(i).FileDescriptor, seen)
	}
	set.File = append(set.File, protodesc.ToFileDescriptorProto(f))
}

func readingMessage(tb testing.TB) *ProtoMessage {
	tb.Helper()
	m, err := LoadProto(tb.Context(), "protos/reading.proto", "Reading", protoFiles)
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

// messageOfJSON is a payload, given as JSON.
func messageOfJSON(tb testing.TB, d protoreflect.MessageDescriptor, text string) string {
	tb.Helper()
	m := dynamicpb.NewMessage(d)
	if err := protojson.Unmarshal([]byte(text), m); err != nil {
		tb.Fatal(err)
	}
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		tb.Fatal(err)
	}
	return string(b)
}

const readingJSON = `{"host":"h","inner":{"deep":"-7","names":["a","b"],"again":{"deep":"3"}},"at":"2026-11-22T06:00:01.500Z","temp":21.5,"maybe":0,
 "unit":"FAHRENHEIT","raw":[1.5,2.5],"tags":{"x":4,"y":5},"inners":{"-2":{"deep":"9"}},"wrapped":0,"big":"18446744073709551615","blob":"eHl6","s32":-5,"f64":"6","epochMillis":"1795327201500"}`

func TestDecodeProto(t *testing.T) {
	m := readingMessage(t)
	of := func(tm string, keys []string, values ...string) Config {
		return Config{Format: "protobuf", Proto: m, Time: tm, Keys: keys, Values: values}
	}
	full := messageOfJSON(t, m.descriptor, readingJSON)
	sparse := messageOfJSON(t, m.descriptor, `{"host":"h"}`)
	const ts = 1795327201500
	noField := stream.Value{Reason: stream.NoField}
	checkDecode(t, []decodeCase{
		{of("at", []string{"host", "unit", "inner.names[1]", "blob"}, "temp"), full, decoded{ts, ok, ok, "h/FAHRENHEIT/b/xyz", num(21.5)}},
		{of("epochMillis", nil, "inner.deep", "inner.again.deep", "maybe", "raw[1]", "tags.y", "inners.-2.deep", "wrapped", "big", "s32", "f64"), full, decoded{ts, ok, ok, "k", []stream.Value{
			{Number: -7}, {Number: 3}, {Number: 0}, {Number: 2.5}, {Number: 5}, {Number: 9}, {Number: 0}, {Number: math.MaxUint64}, {Number: -5}, {Number: 6},
		}}},
		{of("epoch_millis", nil, "temp"), full, decoded{0, stream.NoTime, ok, "k", num(21.5)}},
		// What proto3 does not write is its default, unless it has presence.
		{of("", []string{"unit"}, "temp", "maybe", "inner.deep", "tags.x", "raw[0]", "wrapped", "big", "no"), sparse, decoded{at, ok, ok, "CELSIUS", []stream.Value{
			{Number: 0}, noField, noField, noField, noField, noField, noField, noField,
		}}},
		{of("at", nil, "temp"), sparse, decoded{0, stream.NoTime, ok, "k", num(0)}},
		{of("", nil, "inner", "raw", "tags", "at"), full, decoded{at, ok, stream.NotANumber, "k", bad(stream.NotANumber, stream.NotANumber, stream.NotANumber, stream.NotANumber)}},
		{of("", nil, "temp"), full[:len(full)-1], decoded{at, ok, stream.Malformed, "k", bad(stream.NoField)}},
		{of("", nil, "temp"), "\x00", decoded{at, ok, stream.Malformed, "k", bad(stream.NoField)}},
		{of("", nil, "temp"), framed(1, []byte("\x00"+full)), decoded{at, ok, ok, "k", num(21.5)}},
		{of("", nil, "temp"), framed(1, []byte("\x02\x00"+full)), decoded{at, ok, ok, "k", num(21.5)}},
		// A field of another wire type is an unknown one; the last of two counts.
		{of("", nil, "temp"), "\x18\x05", decoded{at, ok, ok, "k", num(0)}},
		{of("", nil, "s32"), "\x75\x01\x00\x00\x00\x75\x02\x00\x00\x00", decoded{at, ok, ok, "k", num(2)}},
		// Lists that are not packed, and a value of a map that is not written.
		{of("", nil, "raw[1]", "tags.x"), "\x3d\x00\x00\x80\x3f\x3d\x00\x00\x00\x40\x42\x03\x0a\x01x", decoded{at, ok, ok, "k", []stream.Value{{Number: 2}, {Number: 0}}}},
	})
	one, err := LoadProto(t.Context(), "protos/one.proto", "", protoFiles)
	if err != nil {
		t.Fatal(err)
	}
	checkDecode(t, []decodeCase{
		{Config{Proto: one, Values: []string{"v", "g.y", "d"}}, "\x09\x00\x00\x00\x00\x00\x00\xf0\x3f\x1b\x08\x05\x1c", decoded{at, ok, ok, "k", []stream.Value{{Number: 1}, {Number: 5}, noField}}},
	})
}

func TestLoadProto(t *testing.T) {
	for _, c := range []struct{ file, name, want, err string }{
		{file: "protos/reading.proto", want: "oriel.Other"},
		{file: "protos/reading.proto", name: "Reading", want: "oriel.Reading"},
		{file: "protos/reading.proto", name: "oriel.Reading.Inner", want: "oriel.Reading.Inner"},
		{file: "protos/set.binpb", name: "Reading", want: "oriel.Reading"},
		{file: "protos/set.binpb", want: "oriel.Other"},
		{file: "protos/one.proto", want: "One"},
		{file: "protos/reading.proto", name: "Raeding", err: "there is no message Raeding: name one of oriel.Other, oriel.Reading, oriel.Reading.Inner"},
		{file: "protos/common/unit.proto", err: "declares no message"},
		{file: "protos/broken.proto", err: "broken.proto"},
		{file: "protos/none.binpb", err: "neither a .proto file nor a FileDescriptorSet"},
		{file: "protos/nothing", err: fs.ErrNotExist.Error()},
	} {
		m, err := LoadProto(t.Context(), c.file, c.name, protoFiles)
		switch {
		case c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)):
			t.Errorf("%+v: %v", c, err)
		case c.err == "" && err != nil:
			t.Errorf("%+v: %v", c, err)
		case c.err == "" && string(m.descriptor.FullName()) != c.want:
			t.Errorf("%+v: %s", c, m.descriptor.FullName())
		}
	}
	two := func(path string) ([]byte, error) {
		if path != "x.proto" {
			return nil, fs.ErrNotExist
		}
		return []byte(`syntax = "proto3"; message A {} message B {}`), nil
	}
	if _, err := LoadProto(t.Context(), "x.proto", "", two); err == nil || !strings.Contains(err.Error(), "it declares 2 messages: name one with --proto-message, A, B") {
		t.Errorf("%v", err)
	}
	if _, err := LoadProto(t.Context(), "x.proto", "", func(string) ([]byte, error) { return nil, errors.New("closed") }); err == nil {
		t.Error("a file that cannot be read")
	}
}

// TestProtoRegistry: the id leads to a file, the indexes to a message in it.
func TestProtoRegistry(t *testing.T) {
	fake := fakeRegistry(t, sr.Schema{Schema: unitProto, Type: sr.TypeProtobuf}, sr.Schema{
		Schema: readingProto, Type: sr.TypeProtobuf,
		References: []sr.SchemaReference{{Name: "common/unit.proto", Subject: "subject-a", Version: 1}},
	})
	registry := registryAt(t, RegistryConfig{URL: fake.URL()})
	m := readingMessage(t)
	full := messageOfJSON(t, m.descriptor, readingJSON)
	inner := messageOfJSON(t, m.descriptor.Messages().Get(0), `{"deep":"5","names":["n"]}`)
	p := mustResolve(t, Config{Registry: registry}, framed(2, []byte("\x00"+full)))
	if p.Format != formatProtobuf || !slices.Equal(p.Series, []string{"inner.deep"}) || !strings.Contains(p.Reason, "format: protobuf (sensors/0 offset 10 has schema 2 of the registry)") {
		t.Errorf("%s, %q, %s", p.Format, p.Series, p.Reason)
	}
	d := mustResolve(t, Config{Registry: registry, Format: "protobuf", Values: []string{"temp", "deep"}}).NewDecoder()
	missing := stream.Value{Reason: stream.NoField}
	for payload, want := range map[string][]stream.Value{
		framed(2, []byte("\x00"+full)):             {{Number: 21.5}, missing},
		framed(2, []byte("\x02\x00"+full)):         {{Number: 21.5}, missing},
		framed(2, []byte("\x04\x00\x00"+inner)):    {missing, {Number: 5}},
		framed(2, []byte("\x04\x00\x02"+inner)):    bad(stream.NoField, stream.NoField), // no such message
		framed(2, []byte("\x01"+full)):             bad(stream.NoField, stream.NoField),
		framed(2, binary.AppendVarint(nil, 1<<20)): bad(stream.NoField, stream.NoField),
		framed(1, []byte("\x00"+full)):             bad(stream.NoField, stream.NoField), // a file without messages
		framed(3, []byte("\x00"+full)):             bad(stream.NoField, stream.NoField),
	} {
		for range 2 {
			if got := decode(d, payload); !slices.Equal(got.values, want) {
				t.Errorf("%q: %+v, want %+v", payload[:8], got, want)
			}
		}
	}
}

// TestProtoChoice: the first number in the order of declaration; times are none.
func TestProtoChoice(t *testing.T) {
	m := readingMessage(t)
	payload := messageOfJSON(t, m.descriptor, readingJSON)
	p := mustResolve(t, Config{Proto: m}, payload)
	if p.Format != formatProtobuf || !slices.Equal(p.Series, []string{"inner.deep"}) || !strings.HasPrefix(p.Reason, "format: protobuf (--proto); value: inner.deep") {
		t.Errorf("%q: %s", p.Series, p.Reason)
	}
	want := "are host (text), inner.deep (number), inner.names[0] (text), inner.names[1] (text), inner.again.deep (number), at (time), temp (number), maybe (number), " +
		"unit (text), raw[0] (number), raw[1] (number), tags.x (number), tags.y (number), inners.-2.deep (number), wrapped (number), big (number), blob (text), s32 (number), f64 (number), epochMillis (number)"
	if got := p.Explain(samples(payload)); !strings.HasSuffix(got, want) {
		t.Error(got)
	}
	if view, ok := p.View([]byte(payload)); !ok || !strings.HasPrefix(string(view), `{"inner":{"deep":"-7","names":["a","b"],"again":{"deep":"3"}},"at":"2026-11-22T06:00:01.500Z","temp":21.5`) &&
		!strings.HasPrefix(string(view), `{"host":"h","inner":{"deep":"-7"`) {
		t.Errorf("%s", view)
	}
}

func TestProtoAllocations(t *testing.T) {
	m := readingMessage(t)
	payload := messageOfJSON(t, m.descriptor, readingJSON)
	d := mustResolve(t, Config{Proto: m, Time: "at", Keys: []string{"host", "unit"}, Values: []string{"temp", "raw[1]", "inner.again.deep", "wrapped", "tags.y", "inners.-2.deep"}}).NewDecoder()
	r, e := stream.Record{Value: []byte(payload)}, stream.Event{}
	if n := testing.AllocsPerRun(100, func() { d.Decode(&r, &e) }); n != 0 || e.Reason != stream.OK || e.Values[5].Number != 9 {
		t.Errorf("%v allocations, %+v", n, e)
	}
}

// FuzzMessageIndexes holds the way to a framed message to that of the registry's
// client.
func FuzzMessageIndexes(f *testing.F) {
	file := readingMessage(f).descriptor.ParentFile()
	for _, s := range []string{"\x00", "\x02\x00", "\x04\x00\x00rest", "\x01", "\x02\x01", "\xff\xff\xff\xff\x0f", ""} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		message, rest, ok := messageOf(file, b)
		indexes, wantRest, err := new(sr.ConfluentHeader).DecodeIndex(b, maxMessageIndexes)
		if err != nil {
			if ok {
				t.Fatalf("%x leads to %s, and should not: %v", b, message.FullName(), err)
			}
			return
		}
		declared := file.Messages()
		for i, index := range indexes {
			switch last := i == len(indexes)-1; {
			case index < 0 || index >= declared.Len():
				if ok {
					t.Fatalf("%x leads to %s, and should not", b, message.FullName())
				}
				return
			case last && (!ok || message.FullName() != declared.Get(index).FullName() || string(rest) != string(wantRest)):
				t.Fatalf("%x: %v, %v, rest %q", b, message, ok, rest)
			}
			declared = declared.Get(index).Messages()
		}
	})
}

// FuzzProto holds the scan to dynamicpb: what that reads is well formed, and
// scalars have the same values.
func FuzzProto(f *testing.F) {
	m := readingMessage(f)
	f.Add([]byte(messageOfJSON(f, m.descriptor, readingJSON)))
	f.Add([]byte("\x3d\x00\x00\x80\x3f\x42\x03\x0a\x01x"))
	f.Add([]byte("80=0008")) // an element of another wire type, and one
	r := newProtoReader(m.descriptor, []path{
		{{name: "temp"}},
		{{name: "s32"}},
		{{name: "f64"}},
		{{name: "epochMillis"}},
		{{name: "inner"}, {name: "deep"}},
		{{name: "raw"}, {index: 1}},
		{{name: "tags"}, {name: "x"}},
		{{name: "inners"}, {name: "-2"}, {name: "deep"}},
	})
	fields := m.descriptor.Fields()
	f.Fuzz(func(t *testing.T, b []byte) {
		reason := r.read(b)
		d, ok := wholeMessage(m.descriptor, b)
		if !ok {
			return
		}
		if reason != stream.OK {
			t.Fatalf("%x is malformed to the scan alone", b)
		}
		for i, want := range []float64{
			d.Get(fields.ByName("temp")).Float(), float64(d.Get(fields.ByName("s32")).Int()),
			float64(d.Get(fields.ByName("f64")).Uint()), float64(d.Get(fields.ByName("epochMillis")).Int()),
		} {
			if got := r.field(i).value(); got.Reason == stream.OK && got.Number != want || got.Reason != stream.OK && got.Reason != stream.NotFinite {
				t.Fatalf("%x: field %d is %+v, want %v", b, i, got, want)
			}
		}
		raw := d.Get(fields.ByName("raw")).List()
		if got := r.field(5).value(); raw.Len() > 1 != (got.Reason != stream.NoField) {
			t.Fatalf("%x: raw[1] is %+v of %d", b, got, raw.Len())
		}
		tags := d.Get(fields.ByName("tags")).Map()
		has := tags.Has(protoreflect.ValueOfString("x").MapKey())
		if got := r.field(6).value(); has != (got.Reason != stream.NoField) || got.Reason == stream.OK && got.Number != tags.Get(protoreflect.ValueOfString("x").MapKey()).Float() {
			t.Fatalf("%x: tags.x is %+v, there: %v", b, got, has)
		}
		if got := r.field(4).value(); got.Reason == stream.OK && got.Number != float64(d.Get(fields.ByName("inner")).Message().Get(m.descriptor.Messages().Get(0).Fields().ByName("deep")).Int()) {
			t.Fatalf("%x: inner.deep is %+v", b, got)
		}
	})
}
