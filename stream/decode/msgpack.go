package decode

import (
	"bytes"
	"fmt"
	"io"
	"strconv"

	"github.com/vmihailenco/msgpack/v5"
	"github.com/vmihailenco/msgpack/v5/msgpcode"

	"github.com/oriel-stream/oriel/stream"
)

// msgpackFormat is one MessagePack value. Members of maps are found by their
// names, or by the decimal text of keys that are whole numbers.
func msgpackFormat() format {
	return format{
		name:      formatMsgpack,
		hasPaths:  true,
		newReader: func(paths []path) reader { return newMsgpackReader(paths) },
		leaves: func(payload []byte, limit int) ([]leaf, bool) {
			r := newMsgpackReader(nil)
			r.collected = &collector{limit: limit}
			if r.read(payload) != stream.OK {
				return nil, false
			}
			return r.collected.last(), true
		},
	}
}

// detectMsgpack recognises maps: no text begins with the byte that a small one
// begins with, and a large one has its length behind it.
func detectMsgpack(samples []Sample) (name, why string) {
	r := newMsgpackReader([]path{{}})
	var first *Sample
	for i, sample := range samples {
		switch {
		case len(sample.Payload) == 0:
			continue
		case r.read(sample.Payload) != stream.OK || r.field(0).kind != object:
			return "", ""
		case first == nil:
			first = &samples[i]
		}
	}
	if first == nil {
		return "", ""
	}
	return formatMsgpack, fmt.Sprintf("%v is a map of it", *first)
}

// maxBinaryDepth is how deep arrays and maps of binary formats may nest.
const maxBinaryDepth = 1000

// timestampExtension is the extension type of MessagePack's timestamps.
const timestampExtension = -1

// msgpackReader walks a value with the library's decoder, which reads from the
// payload without a buffer between, so that texts are slices of the payload.
type msgpackReader struct {
	found
	root      *wanted
	payload   []byte
	rest      bytes.Reader
	decoder   *msgpack.Decoder
	name      []byte // of a key that is a number
	collected *collector
}

func newMsgpackReader(paths []path) *msgpackReader {
	r := &msgpackReader{root: newWanted(paths), found: found{fields: make([]field, len(paths))}}
	r.decoder = msgpack.NewDecoder(&r.rest)
	return r
}

func (r *msgpackReader) read(payload []byte) stream.Reason {
	r.forget()
	r.payload = payload
	r.rest.Reset(payload)
	r.decoder.Reset(&r.rest)
	if !r.value(r.root, 0) || r.rest.Len() > 0 {
		return stream.Malformed
	}
	return stream.OK
}

// value reads a value and keeps what n asks of it; false if it is malformed.
func (r *msgpackReader) value(n *wanted, depth int) bool {
	code, err := r.decoder.PeekCode()
	if err != nil {
		return false
	}
	switch {
	case msgpcode.IsFixedMap(code) || code == msgpcode.Map16 || code == msgpcode.Map32:
		r.keep(n, object, nil)
		return depth < maxBinaryDepth && r.object(n, depth+1)
	case msgpcode.IsFixedArray(code) || code == msgpcode.Array16 || code == msgpcode.Array32:
		r.keep(n, array, nil)
		return depth < maxBinaryDepth && r.array(n, depth+1)
	case msgpcode.IsString(code) || msgpcode.IsBin(code):
		t, ok := r.text()
		r.keep(n, text, t)
		r.collected.leaf(text)
		return ok
	case msgpcode.IsExt(code):
		return r.extension(n)
	default:
		return r.scalar(n, code)
	}
}

func (r *msgpackReader) scalar(n *wanted, code byte) bool {
	var err error
	switch code {
	case msgpcode.Nil:
		err = r.decoder.DecodeNil()
		r.keep(n, null, nil)
		r.collected.leaf(null)
	case msgpcode.True, msgpcode.False:
		var v bool
		v, err = r.decoder.DecodeBool()
		r.keepBool(n, v)
		r.collected.leaf(boolean)
	case msgpcode.Float, msgpcode.Double:
		var v float64
		v, err = r.decoder.DecodeFloat64()
		r.keepFloat(n, v)
		r.collected.leaf(number)
	case msgpcode.Uint64:
		var v uint64
		v, err = r.decoder.DecodeUint64()
		r.keepUint(n, v)
		r.collected.leaf(number)
	default: // which refuses what is none
		var v int64
		v, err = r.decoder.DecodeInt64()
		r.keepInt(n, v)
		r.collected.leaf(number)
	}
	return err == nil
}

// text reads a string or bytes, as a slice of the payload.
func (r *msgpackReader) text() ([]byte, bool) {
	n, err := r.decoder.DecodeBytesLen()
	if err != nil || n < 0 {
		return nil, false
	}
	return r.take(n)
}

// take takes the next n bytes.
func (r *msgpackReader) take(n int) ([]byte, bool) {
	if n > r.rest.Len() {
		return nil, false
	}
	from := len(r.payload) - r.rest.Len()
	_, err := r.rest.Seek(int64(n), io.SeekCurrent)
	return r.payload[from : from+n : from+n], err == nil
}

// extension reads a timestamp, or passes over what only its program knows.
func (r *msgpackReader) extension(n *wanted) bool {
	at := int64(len(r.payload) - r.rest.Len())
	id, length, err := r.decoder.DecodeExtHeader()
	if err != nil || length < 0 {
		return false
	}
	if id != timestampExtension || length != 4 && length != 8 && length != 12 {
		_, ok := r.take(length)
		return ok
	}
	if _, err = r.rest.Seek(at, io.SeekStart); err != nil {
		return false
	}
	t, err := r.decoder.DecodeTime()
	r.keepTime(n, t)
	r.collected.leaf(moment)
	return err == nil
}

func (r *msgpackReader) array(n *wanted, depth int) bool {
	length, err := r.decoder.DecodeArrayLen()
	if err != nil {
		return false
	}
	for i := range length {
		r.collected.enter(step{index: i})
		ok := r.value(n.element(i), depth)
		r.collected.leave()
		if !ok {
			return false
		}
	}
	return true
}

func (r *msgpackReader) object(n *wanted, depth int) bool {
	length, err := r.decoder.DecodeMapLen()
	if err != nil {
		return false
	}
	for range length {
		name, ok := r.key(depth)
		if !ok {
			return false
		}
		below := n.member(name)
		r.forgetBelow(below)
		r.collected.enterMember(name)
		ok = r.value(below, depth)
		r.collected.leave()
		if !ok {
			return false
		}
	}
	return true
}

// key reads the key of a member; it is empty if no path can name it.
func (r *msgpackReader) key(depth int) ([]byte, bool) {
	code, err := r.decoder.PeekCode()
	switch {
	case err != nil:
		return nil, false
	case msgpcode.IsString(code) || msgpcode.IsBin(code):
		return r.text()
	case code == msgpcode.Uint64:
		v, err := r.decoder.DecodeUint64()
		r.name = strconv.AppendUint(r.name[:0], v, 10)
		return r.name, err == nil
	case msgpcode.IsFixedNum(code) || code >= msgpcode.Uint8 && code <= msgpcode.Int64:
		v, err := r.decoder.DecodeInt64()
		r.name = strconv.AppendInt(r.name[:0], v, 10)
		return r.name, err == nil
	default:
		collected := r.collected
		r.collected = nil
		ok := r.value(nil, depth)
		r.collected = collected
		return nil, ok
	}
}
