package decode

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/oriel-stream/oriel/stream"
)

// metadata is a part of a record beside its payload that a path can name.
type metadata uint8

const (
	inPayload metadata = iota // no metadata at all
	metaKey
	metaHeader
	metaTopic
	metaPartition
	metaOffset
	metaTimestamp
)

// metadataNames are the words behind @.
var metadataNames = [...]string{
	metaKey: "key", metaHeader: "header", metaTopic: "topic", metaPartition: "partition",
	metaOffset: "offset", metaTimestamp: "timestamp",
}

// isMetadata says that p names something beside the payload.
func (p path) isMetadata() bool { return len(p) == 1 && p[0].meta != inPayload }

// is says that p names that metadata.
func (p path) is(m metadata) bool { return p.isMetadata() && p[0].meta == m }

// parseMetadata reads a path that begins with @. All behind @header. is the
// name of the header, dots and brackets included; a backslash stands in front
// of a character that is meant literally.
func parseMetadata(s string) (path, error) {
	word, rest, dotted := strings.Cut(s[1:], ".")
	for m, name := range metadataNames {
		if name == "" || word != name {
			continue
		}
		switch isHeader := metadata(m) == metaHeader; {
		case isHeader && rest == "":
			return nil, errors.New("@header needs the name of a header")
		case !isHeader && dotted:
			return nil, fmt.Errorf("@%s has no fields", name)
		case !isHeader:
			return path{{meta: metadata(m)}}, nil
		}
		name, err := unescapeHeader(rest)
		return path{{meta: metaHeader, name: name}}, err
	}
	return nil, fmt.Errorf(`not @key, @header.NAME, @topic, @partition, @offset or @timestamp; `+
		`for a field of that name write \%s`, s)
}

// unescapeHeader takes the backslashes off the name of a header.
func unescapeHeader(s string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' {
			i++
			if i == len(s) {
				return "", errors.New(`a backslash ends the path; a literal one is \\`)
			}
		}
		b.WriteByte(s[i])
	}
	return b.String(), nil
}

// metadataText spells a path of metadata so that a flag leads to it.
func (st step) metadataText() string {
	text := "@" + metadataNames[st.meta]
	if st.meta == metaHeader {
		text += "." + strings.NewReplacer(`\`, `\\`, `=`, `\=`).Replace(st.name)
	}
	return text
}

// metadataReader finds the metadata of a record. What it returns is a part of
// the record or of its own memory, valid until forget.
type metadataReader struct{ scratch []byte }

// forget takes its memory back for the next record.
func (m *metadataReader) forget() { m.scratch = m.scratch[:0] }

// field returns what st names. Keys and headers are bytes without a type: those
// that are written as a decimal number are numbers, others text. Of equal
// headers the last counts.
func (m *metadataReader) field(r *stream.Record, st step) field {
	switch st.meta {
	case metaKey:
		return untyped(r.Key)
	case metaHeader:
		for _, h := range slices.Backward(r.Headers) {
			if string(h.Key) == st.name {
				return untyped(h.Value)
			}
		}
		return field{}
	case metaTopic:
		from := len(m.scratch)
		m.scratch = append(m.scratch, r.ID.Topic...)
		return field{kind: text, text: m.scratch[from:]}
	case metaPartition:
		return m.integer(int64(r.ID.Partition))
	case metaOffset:
		return m.integer(r.Offset)
	case metaTimestamp:
		if r.Timestamp == noTimestamp {
			return field{}
		}
		return m.integer(r.Timestamp)
	default:
		return field{}
	}
}

// noTimestamp is Kafka's timestamp of a record that has none.
const noTimestamp = -1

func (m *metadataReader) integer(n int64) field {
	from := len(m.scratch)
	m.scratch = strconv.AppendInt(m.scratch, n, 10)
	return field{kind: number, text: m.scratch[from:]}
}

// untyped is a field of bytes that nobody has given a type.
func untyped(b []byte) field {
	if b == nil {
		return field{kind: null}
	}
	if _, ok := parseDecimal(b); ok {
		return field{kind: number, text: b}
	}
	return field{kind: text, text: b}
}
