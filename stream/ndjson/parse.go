package ndjson

import (
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"strconv"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// keepScratch is the largest scratch memory that is kept for the next line: a
// single huge payload must not be paid for until the end of the run.
const keepScratch = 1 << 20

var (
	errNotJSON     = errors.New("not a JSON object")
	errNoTopic     = errors.New(`no "topic"`)
	errNoPartition = errors.New(`no "partition"`)
	errNoOffset    = errors.New(`no "offset"`)
	errHeaders     = errors.New(`"headers" is not an array of names and values in turn`)
)

// envelope is what a line says. Its slices point into the line or the parser
// and are valid until the next parse.
type envelope struct {
	topic     []byte
	partition int32
	stream.Record
}

// members are the values of one line by member; of a member that occurs twice
// the last counts, as in encoding/json.
type members struct {
	topic, partition, offset, ts, tstype   value
	key, keyBase64, payload, payloadBase64 value
	headers, headersBase64                 value
}

// member returns where the value of a member belongs, nil if nobody asks for
// it.
func (m *members) member(name []byte) *value {
	switch string(name) {
	case "topic":
		return &m.topic
	case "partition":
		return &m.partition
	case "offset":
		return &m.offset
	case "ts":
		return &m.ts
	case "tstype":
		return &m.tstype
	case "key":
		return &m.key
	case "key_base64":
		return &m.keyBase64
	case "payload":
		return &m.payload
	case "payload_base64":
		return &m.payloadBase64
	case "headers":
		return &m.headers
	case "headers_base64":
		return &m.headersBase64
	}
	return nil
}

// parser reads envelope lines. Its zero value is ready; it does not allocate
// in steady state.
type parser struct {
	scratch []byte // strings without their escapes, decoded base64
	headers []stream.Header
}

// parse reads one line. A key or payload that is null or missing is nil; one
// that is a number, an object, an array, true or false is its literal text, so
// that lines made with jq, where the payload is JSON and not a string that
// holds JSON, are read as well. A missing ts is -1.
func (p *parser) parse(line []byte) (e envelope, err error) {
	if p.scratch == nil || cap(p.scratch) > keepScratch {
		p.scratch = make([]byte, 0, 512) // never nil: empty base64 is not null
	}
	p.scratch = p.scratch[:0]
	var m members
	if !p.scan(line, &m) {
		return e, errNotJSON
	}
	if m.topic.kind != text || len(m.topic.raw) == 0 {
		return e, errNoTopic
	}
	e.topic = p.text(m.topic)
	partition, err := integer(m.partition, "partition", errNoPartition, math.MaxInt32)
	if err != nil {
		return e, err
	}
	e.partition = int32(partition)
	if e.Offset, err = integer(m.offset, "offset", errNoOffset, math.MaxInt64-1); err != nil {
		return e, err
	}
	if e.Timestamp, err = timestamp(m.ts); err != nil {
		return e, err
	}
	e.Clock = window.ClockCreate
	if m.tstype.kind == text && isAppend(string(m.tstype.raw)) {
		e.Clock = window.ClockAppend
	}
	if e.Key, err = p.bytes(m.key, m.keyBase64, "key_base64"); err != nil {
		return e, err
	}
	if e.Value, err = p.bytes(m.payload, m.payloadBase64, "payload_base64"); err != nil {
		return e, err
	}
	e.Headers, err = p.headerList(&m)
	return e, err
}

// isAppend knows the append time by kcat's word, by Kafka's and by that of the
// lines.
func isAppend(tstype string) bool {
	return tstype == "logappend" || tstype == "LogAppendTime" || tstype == "append"
}

// scan fills m from the object that line is, and reports whether it is one.
func (p *parser) scan(line []byte, m *members) bool {
	s := scanner{b: line}
	if !s.skip('{') {
		return false
	}
	if s.skip('}') {
		return s.atEnd()
	}
	for {
		name, v, ok := s.member(1)
		if !ok {
			return false
		}
		if dst := m.member(p.text(name)); dst != nil {
			*dst = v
		}
		if !s.skip(',') {
			return s.skip('}') && s.atEnd()
		}
	}
}

// text is the content of a string.
func (p *parser) text(v value) []byte {
	if !v.escaped {
		return v.raw
	}
	from := len(p.scratch)
	p.scratch = appendUnescaped(p.scratch, v.raw)
	return p.scratch[from:]
}

// bytes is the content of a member, or of its base64 twin where there is one.
func (p *parser) bytes(v, twin value, name string) ([]byte, error) {
	switch {
	case twin.kind == text:
		return p.base64(twin, name)
	case v.kind == absent || v.kind == null:
		return nil, nil
	case v.kind == text:
		return p.text(v), nil
	default:
		return v.raw, nil
	}
}

func (p *parser) base64(v value, name string) ([]byte, error) {
	encoded := p.text(v)
	from := len(p.scratch)
	var err error
	if p.scratch, err = base64.StdEncoding.AppendDecode(p.scratch, encoded); err != nil {
		return nil, fmt.Errorf("%q: %w", name, err)
	}
	return p.scratch[from:], nil
}

// headerList reads headers or headers_base64.
func (p *parser) headerList(m *members) ([]stream.Header, error) {
	list, encoded := m.headers, false
	if m.headersBase64.kind == other {
		list, encoded = m.headersBase64, true
	}
	if list.kind == absent || list.kind == null {
		return nil, nil
	}
	p.headers = p.headers[:0]
	s := scanner{b: list.raw}
	if !s.skip('[') {
		return nil, errHeaders
	}
	for !s.skip(']') {
		s.skip(',')
		h, err := p.header(&s, encoded)
		if err != nil {
			return nil, err
		}
		p.headers = append(p.headers, h)
	}
	return p.headers, nil
}

// header reads a name and a value; the array was found to be valid JSON.
func (p *parser) header(s *scanner, encoded bool) (h stream.Header, err error) {
	name, _ := s.value(0)
	if name.kind != text || !s.skip(',') {
		return h, errHeaders
	}
	v, _ := s.value(0)
	if v.kind != text && v.kind != null {
		return h, errHeaders
	}
	if !encoded {
		h.Key = p.text(name)
		h.Value, err = p.bytes(v, value{}, "headers")
		return h, err
	}
	if h.Key, err = p.base64(name, "headers_base64"); err != nil {
		return h, err
	}
	h.Value, err = p.bytes(value{}, v, "headers_base64")
	return h, err
}

// integer reads a required whole number from 0 to most.
func integer(v value, name string, missing error, most int64) (int64, error) {
	if v.kind == absent || v.kind == null {
		return 0, missing
	}
	n, err := strconv.ParseInt(string(v.raw), 10, 64)
	if v.kind != number || err != nil || n < 0 || n > most {
		return 0, fmt.Errorf("%q is %s, not a whole number from 0 to %d", name, clip(v.raw), most)
	}
	return n, nil
}

// timestamp reads milliseconds since the epoch, -1 for none.
func timestamp(v value) (int64, error) {
	if v.kind == absent || v.kind == null {
		return -1, nil
	}
	n, err := strconv.ParseInt(string(v.raw), 10, 64)
	if v.kind != number || err != nil {
		return 0, fmt.Errorf(`"ts" is %s, not whole milliseconds`, clip(v.raw))
	}
	return n, nil
}

// clip quotes the beginning of raw for an error message.
func clip(raw []byte) string {
	const most = 40
	if len(raw) > most {
		return strconv.Quote(string(raw[:most])) + "…"
	}
	return strconv.Quote(string(raw))
}
