package decode

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"
)

// protoFormat is one Protobuf message, bare or behind the Confluent framing: no
// message begins with a zero byte.
func protoFormat(message protoreflect.MessageDescriptor) format {
	return format{
		name:      formatProtobuf,
		hasPaths:  true,
		newReader: func(paths []path) reader { return unframedProto{newProtoReader(message, paths)} },
		leaves: func(payload []byte, limit int) ([]leaf, bool) {
			rest, ok := bareMessage(payload)
			if !ok {
				return nil, false
			}
			return protoLeaves(message, rest, limit)
		},
		view: func(payload []byte) ([]byte, bool) {
			rest, ok := bareMessage(payload)
			if !ok {
				return nil, false
			}
			return protoView(message, rest)
		},
	}
}

// bareMessage takes the framing off, if there is one.
func bareMessage(payload []byte) ([]byte, bool) {
	_, rest, framed := unframe(payload)
	if !framed {
		return payload, true
	}
	n, ok := indexesLength(rest)
	return rest[n:], ok
}

// maxMessageIndexes bounds how deep the message that is framed may be declared
// in others.
const maxMessageIndexes = 32

// indexesLength is the length of the indexes that follow the id of a Protobuf
// schema; false if there are none.
func indexesLength(b []byte) (int, bool) {
	count, n := zigzag(b)
	if n < 0 || count < 0 || count > maxMessageIndexes {
		return 0, false
	}
	for range count {
		_, m := zigzag(b[n:])
		if m < 0 {
			return 0, false
		}
		n += m
	}
	return n, true
}

func zigzag(b []byte) (int64, int) {
	v, n := protowire.ConsumeVarint(b)
	return protowire.DecodeZigZag(v), n
}

// messageOf follows the indexes in front of a message to its type. No index at
// all is short for the first message of the file.
func messageOf(file protoreflect.FileDescriptor, b []byte) (protoreflect.MessageDescriptor, []byte, bool) {
	length, ok := indexesLength(b)
	if !ok {
		return nil, nil, false
	}
	rest := b[length:]
	count, n := zigzag(b)
	b = b[n:]
	declared := file.Messages()
	if count == 0 {
		return first(declared), rest, declared.Len() > 0
	}
	var message protoreflect.MessageDescriptor
	for range count {
		index, n := zigzag(b)
		b = b[n:]
		if index < 0 || index >= int64(declared.Len()) {
			return nil, nil, false
		}
		message = declared.Get(int(index))
		declared = message.Messages()
	}
	return message, rest, true
}

func first(declared protoreflect.MessageDescriptors) protoreflect.MessageDescriptor {
	if declared.Len() == 0 {
		return nil
	}
	return declared.Get(0)
}

// fieldNamed finds a field by its name in the schema, or by that in JSON.
func fieldNamed(message protoreflect.MessageDescriptor, name string) protoreflect.FieldDescriptor {
	if f := message.Fields().ByTextName(name); f != nil {
		return f
	}
	return message.Fields().ByJSONName(name)
}

// wholeMessage decodes a whole message. The library panics over an entry of a map
// with a second key of another type; to us that is malformed.
func wholeMessage(message protoreflect.MessageDescriptor, payload []byte) (m *dynamicpb.Message, ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	m = dynamicpb.NewMessage(message)
	return m, proto.Unmarshal(payload, m) == nil
}

// protoLeaves lists the scalar fields that a message has, in the order of their
// declaration. A field of proto3 that is not there has its default value.
func protoLeaves(message protoreflect.MessageDescriptor, payload []byte, limit int) ([]leaf, bool) {
	m, ok := wholeMessage(message, payload)
	if !ok {
		return nil, false
	}
	l := protoListing{collector{limit: limit}}
	l.message(m)
	return l.leaves, true
}

type protoListing struct{ collector }

func (l *protoListing) message(m protoreflect.Message) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		if f.HasPresence() && !m.Has(f) {
			continue
		}
		l.enterMember([]byte(f.TextName()))
		v := m.Get(f)
		switch {
		case f.IsList():
			for j := range v.List().Len() {
				l.enter(step{index: j})
				l.value(f, v.List().Get(j))
				l.leave()
			}
		case f.IsMap():
			l.entries(f, v.Map())
		default:
			l.value(f, v)
		}
		l.leave()
	}
}

// entries lists those of a map in the order of their keys.
func (l *protoListing) entries(f protoreflect.FieldDescriptor, m protoreflect.Map) {
	var keys []protoreflect.MapKey
	m.Range(func(k protoreflect.MapKey, _ protoreflect.Value) bool {
		keys = append(keys, k)
		return true
	})
	slices.SortFunc(keys, func(a, b protoreflect.MapKey) int { return cmp.Compare(a.String(), b.String()) })
	for _, k := range keys {
		l.enterMember([]byte(k.String()))
		l.value(f.MapValue(), m.Get(k))
		l.leave()
	}
}

func (l *protoListing) value(f protoreflect.FieldDescriptor, v protoreflect.Value) {
	switch {
	case f.Message() == nil:
		l.leaf(protoKind(f))
	case wrapped(f.Message()) != nil:
		l.leaf(protoKind(wrapped(f.Message())))
	case f.Message().FullName() == timestampName:
		l.leaf(moment)
	default:
		l.message(v.Message())
	}
}

// protoKind is what a scalar field holds.
func protoKind(f protoreflect.FieldDescriptor) kind {
	switch f.Kind() {
	case protoreflect.BoolKind:
		return boolean
	case protoreflect.StringKind, protoreflect.BytesKind, protoreflect.EnumKind:
		return text
	default:
		return number
	}
}

// protoView is a message as JSON.
func protoView(message protoreflect.MessageDescriptor, payload []byte) ([]byte, bool) {
	m, ok := wholeMessage(message, payload)
	if !ok {
		return nil, false
	}
	b, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(m)
	if err != nil {
		return nil, false
	}
	var compact bytes.Buffer // protojson puts spaces in at random
	if err := json.Compact(&compact, b); err != nil {
		return nil, false
	}
	return compact.Bytes(), true
}
