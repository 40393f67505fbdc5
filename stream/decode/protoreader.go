package decode

import (
	"math"
	"strconv"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/oriel-stream/oriel/stream"
)

// timestampName is the message that is an instant.
const timestampName = "google.protobuf.Timestamp"

// wrapped is the one field of the messages that are scalars with presence
// (google.protobuf.DoubleValue and its like), nil for others.
func wrapped(m protoreflect.MessageDescriptor) protoreflect.FieldDescriptor {
	if m.ParentFile().Path() != "google/protobuf/wrappers.proto" || m.Fields().Len() != 1 {
		return nil
	}
	return m.Fields().Get(0)
}

// protoReader scans a message for the fields that paths lead to. It passes over
// the others, and checks of them only where they end.
type protoReader struct {
	found
	root *protoNode
	key  *protoKey // of an entry of a map; nil if none is wanted
}

// protoKey reads the keys of maps.
type protoKey struct {
	protoReader
	wanted wanted
}

// unframedProto reads a message with or without the framing in front of it.
type unframedProto struct{ *protoReader }

func (r unframedProto) read(payload []byte) stream.Reason {
	rest, ok := bareMessage(payload)
	if !ok {
		return stream.Malformed
	}
	return r.protoReader.read(rest)
}

// protoNode is what is wanted of a message, by field numbers.
type protoNode struct {
	wanted *wanted // the message itself; nil if it is not asked for
	fields []protoField
}

// protoField is a field of a message.
type protoField struct {
	descriptor protoreflect.FieldDescriptor
	number     protowire.Number
	wanted     *wanted
	// message is what is wanted of a message that is no element of a list and no
	// value of a map.
	message *protoNode
	// elements are those of a list, and entries the values of a map.
	elements []protoElement
	entries  []protoEntry
	// seen counts the elements of a list, of the message that is scanned.
	seen int
}

type protoElement struct {
	index int
	protoTarget
}

type protoEntry struct {
	key string
	protoTarget
}

// protoTarget is what is wanted of a single value.
type protoTarget struct {
	wanted  *wanted
	message *protoNode
}

func newProtoReader(message protoreflect.MessageDescriptor, paths []path) *protoReader {
	r := &protoReader{found: found{fields: make([]field, len(paths))}}
	r.root = newProtoNode(message, newWanted(paths))
	return r
}

// newProtoNode compiles what is wanted of a message. Names that it does not have
// are dropped.
func newProtoNode(message protoreflect.MessageDescriptor, n *wanted) *protoNode {
	node := &protoNode{wanted: n}
	if n == nil {
		return node
	}
	for _, m := range n.names {
		d := fieldNamed(message, m.name)
		if d == nil {
			continue
		}
		f := protoField{descriptor: d, number: d.Number(), wanted: m.node}
		switch {
		case d.IsMap():
			for _, e := range m.node.names {
				f.entries = append(f.entries, protoEntry{e.name, newProtoTarget(d.MapValue(), e.node)})
			}
		case d.IsList():
			for _, e := range m.node.elements {
				f.elements = append(f.elements, protoElement{e.index, newProtoTarget(d, e.node)})
			}
		default:
			f.message = newProtoTarget(d, m.node).message
		}
		node.fields = append(node.fields, f)
	}
	return node
}

func newProtoTarget(d protoreflect.FieldDescriptor, n *wanted) protoTarget {
	t := protoTarget{wanted: n}
	if m := d.Message(); m != nil && m.FullName() != timestampName && wrapped(m) == nil {
		t.message = newProtoNode(m, n)
	}
	return t
}

func (r *protoReader) read(payload []byte) stream.Reason {
	r.forget()
	if !r.message(r.root, payload, 0) {
		return stream.Malformed
	}
	return stream.OK
}

// message scans one; false if it is malformed.
func (r *protoReader) message(n *protoNode, b []byte, depth int) bool {
	if depth > maxBinaryDepth {
		return false
	}
	r.keep(n.wanted, object, nil)
	for i := range n.fields {
		r.prepare(&n.fields[i])
	}
	for len(b) > 0 {
		number, wire, size := protowire.ConsumeTag(b)
		if size < 0 {
			return false
		}
		b = b[size:]
		size = protowire.ConsumeFieldValue(number, wire, b)
		if size < 0 {
			return false
		}
		for i := range n.fields {
			if f := &n.fields[i]; f.number == number && !r.occurrence(f, wire, b[:size], depth) {
				return false
			}
		}
		b = b[size:]
	}
	return true
}

// prepare sets a field to what it is if it does not occur: missing, or the
// default of a field without presence.
func (r *protoReader) prepare(f *protoField) {
	f.seen = 0
	switch d := f.descriptor; {
	case d.IsList():
		r.keep(f.wanted, array, nil)
	case d.IsMap():
		r.keep(f.wanted, object, nil)
	case d.HasPresence() || !f.wanted.asks() || r.fields[f.wanted.field].kind != missing:
	default:
		r.keepDefault(f.wanted, d)
	}
}

func (r *protoReader) keepDefault(n *wanted, d protoreflect.FieldDescriptor) {
	switch protoKind(d) {
	case boolean:
		r.keepBool(n, false)
	case text:
		if d.Kind() == protoreflect.EnumKind {
			r.enum(n, d, 0)
			return
		}
		r.keepText(n, "")
	default:
		r.keepInt(n, 0)
	}
}

// occurrence takes one occurrence of a field. One of another wire type is
// unknown to the schema and passed over.
func (r *protoReader) occurrence(f *protoField, wire protowire.Type, b []byte, depth int) bool {
	d := f.descriptor
	switch {
	case d.IsMap():
		return r.entry(f, wire, b, depth)
	case !d.IsList():
		return r.value(d, protoTarget{f.wanted, f.message}, wire, b, depth)
	case wire == protowire.BytesType && d.IsList() && isPackable(d.Kind()):
		packed, _ := protowire.ConsumeBytes(b)
		return r.packed(f, packed, depth)
	case wire != wireType(d.Kind()):
		return true
	default:
		return r.element(f, wire, b, depth)
	}
}

func (r *protoReader) element(f *protoField, wire protowire.Type, b []byte, depth int) bool {
	index := f.seen
	f.seen++
	for i := range f.elements {
		if f.elements[i].index == index && !r.value(f.descriptor, f.elements[i].protoTarget, wire, b, depth) {
			return false
		}
	}
	return true
}

// packed takes the elements of a packed list.
func (r *protoReader) packed(f *protoField, b []byte, depth int) bool {
	wire := wireType(f.descriptor.Kind())
	for len(b) > 0 {
		size := protowire.ConsumeFieldValue(f.number, wire, b)
		if size < 0 || !r.element(f, wire, b[:size], depth) {
			return false
		}
		b = b[size:]
	}
	return true
}

// entry takes an entry of a map: a message of a key, 1, and a value, 2.
func (r *protoReader) entry(f *protoField, wire protowire.Type, b []byte, depth int) bool {
	if wire != protowire.BytesType {
		return true
	}
	if r.key == nil {
		r.key = &protoKey{protoReader: protoReader{found: found{fields: make([]field, 1)}}}
	}
	keys := r.key
	keys.forget()
	keys.keepDefault(&keys.wanted, f.descriptor.MapKey())
	entry, _ := protowire.ConsumeBytes(b)
	var value []byte
	valueWire := absent
	ok := eachField(entry, func(number protowire.Number, wire protowire.Type, b []byte) bool {
		if number == 1 {
			return keys.value(f.descriptor.MapKey(), protoTarget{wanted: &keys.wanted}, wire, b, depth)
		}
		if number == 2 {
			valueWire, value = wire, b
		}
		return true
	})
	for i := range f.entries {
		e := &f.entries[i]
		if ok && e.key == string(keys.field(0).text) {
			ok = r.entryValue(f.descriptor.MapValue(), e.protoTarget, valueWire, value, depth)
		}
	}
	return ok
}

// absent is the wire type of what is not there.
const absent protowire.Type = -1

// entryValue keeps the value of an entry. Of equal keys the last counts, and a
// value that is not there is the default.
func (r *protoReader) entryValue(d protoreflect.FieldDescriptor, to protoTarget, wire protowire.Type, b []byte, depth int) bool {
	r.forgetBelow(to.wanted)
	switch {
	case wire != absent:
		return r.value(d, to, wire, b, depth)
	case d.Message() == nil:
		r.keepDefault(to.wanted, d)
	}
	return true
}

// value keeps a single value.
func (r *protoReader) value(d protoreflect.FieldDescriptor, to protoTarget, wire protowire.Type, b []byte, depth int) bool {
	if wire != wireType(d.Kind()) {
		return true
	}
	m := d.Message()
	if m == nil {
		return r.scalar(d, to.wanted, b)
	}
	body, _ := protowire.ConsumeBytes(b)
	if wire == protowire.StartGroupType {
		body, _ = protowire.ConsumeGroup(d.Number(), b)
	}
	switch inner := wrapped(m); {
	case m.FullName() == timestampName:
		return r.timestamp(to.wanted, body)
	case inner != nil:
		r.keepDefault(to.wanted, inner)
		return eachField(body, func(number protowire.Number, wire protowire.Type, b []byte) bool {
			return number != 1 || r.value(inner, protoTarget{wanted: to.wanted}, wire, b, depth)
		})
	default:
		return r.message(to.message, body, depth+1)
	}
}

// timestamp keeps a google.protobuf.Timestamp.
func (r *protoReader) timestamp(n *wanted, b []byte) bool {
	var seconds, nanos int64
	ok := eachField(b, func(number protowire.Number, wire protowire.Type, b []byte) bool {
		if wire != protowire.VarintType {
			return true
		}
		v, _ := protowire.ConsumeVarint(b)
		if number == 1 {
			seconds = int64(v)
		}
		if number == 2 {
			nanos = int64(int32(v))
		}
		return true
	})
	r.keepTime(n, time.Unix(seconds, nanos))
	return ok
}

// eachField hands the fields of a message to take, until it returns false.
func eachField(b []byte, take func(protowire.Number, protowire.Type, []byte) bool) bool {
	for len(b) > 0 {
		number, wire, size := protowire.ConsumeTag(b)
		if size < 0 {
			return false
		}
		b = b[size:]
		if size = protowire.ConsumeFieldValue(number, wire, b); size < 0 || !take(number, wire, b[:size]) {
			return false
		}
		b = b[size:]
	}
	return true
}

// scalar keeps a scalar, whose wire type is right.
func (r *protoReader) scalar(d protoreflect.FieldDescriptor, n *wanted, b []byte) bool {
	switch d.Kind() {
	case protoreflect.StringKind, protoreflect.BytesKind:
		v, _ := protowire.ConsumeBytes(b)
		r.keep(n, text, v)
	case protoreflect.FloatKind:
		v, _ := protowire.ConsumeFixed32(b)
		r.keepFloat(n, float64(math.Float32frombits(v)))
	case protoreflect.DoubleKind:
		v, _ := protowire.ConsumeFixed64(b)
		r.keepFloat(n, math.Float64frombits(v))
	case protoreflect.Fixed32Kind:
		v, _ := protowire.ConsumeFixed32(b)
		r.keepUint(n, uint64(v))
	case protoreflect.Sfixed32Kind:
		v, _ := protowire.ConsumeFixed32(b)
		r.keepInt(n, int64(int32(v)))
	case protoreflect.Fixed64Kind:
		v, _ := protowire.ConsumeFixed64(b)
		r.keepUint(n, v)
	case protoreflect.Sfixed64Kind:
		v, _ := protowire.ConsumeFixed64(b)
		r.keepInt(n, int64(v))
	default:
		v, _ := protowire.ConsumeVarint(b)
		r.varint(d, n, v)
	}
	return true
}

// varint keeps a scalar that is written as one.
func (r *protoReader) varint(d protoreflect.FieldDescriptor, n *wanted, v uint64) {
	switch d.Kind() {
	case protoreflect.BoolKind:
		r.keepBool(n, v != 0)
	case protoreflect.EnumKind:
		r.enum(n, d, protoreflect.EnumNumber(int32(v)))
	case protoreflect.Int32Kind:
		r.keepInt(n, int64(int32(v)))
	case protoreflect.Sint32Kind:
		r.keepInt(n, int64(int32(protowire.DecodeZigZag(v&math.MaxUint32))))
	case protoreflect.Sint64Kind:
		r.keepInt(n, protowire.DecodeZigZag(v))
	case protoreflect.Uint32Kind:
		r.keepUint(n, uint64(uint32(v)))
	case protoreflect.Uint64Kind:
		r.keepUint(n, v)
	default:
		r.keepInt(n, int64(v))
	}
}

// enum keeps the name of a value, or the number of one without.
func (r *protoReader) enum(n *wanted, d protoreflect.FieldDescriptor, v protoreflect.EnumNumber) {
	if named := d.Enum().Values().ByNumber(v); named != nil {
		r.keepText(n, string(named.Name()))
		return
	}
	r.keepText(n, strconv.Itoa(int(v)))
}

// wireType is how a kind is written outside of packed lists.
func wireType(k protoreflect.Kind) protowire.Type {
	switch k {
	case protoreflect.StringKind, protoreflect.BytesKind, protoreflect.MessageKind:
		return protowire.BytesType
	case protoreflect.GroupKind:
		return protowire.StartGroupType
	case protoreflect.FloatKind, protoreflect.Fixed32Kind, protoreflect.Sfixed32Kind:
		return protowire.Fixed32Type
	case protoreflect.DoubleKind, protoreflect.Fixed64Kind, protoreflect.Sfixed64Kind:
		return protowire.Fixed64Type
	default:
		return protowire.VarintType
	}
}

// isPackable says that lists of that kind may be packed.
func isPackable(k protoreflect.Kind) bool {
	w := wireType(k)
	return w != protowire.BytesType && w != protowire.StartGroupType
}
