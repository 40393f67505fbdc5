package decode

import "github.com/oriel-stream/oriel/stream"

// format is all that the rest of the package knows of a payload format.
type format struct {
	name string
	// hasPaths says that payloads have fields which paths can name. Without,
	// the payload is one value, at the root path.
	hasPaths bool
	// countsOnly says that there is never a number to read.
	countsOnly bool
	// newReader returns a reader that finds these paths, which are distinct.
	newReader func(paths []path) reader
	// leaves lists the scalar fields of a payload in document order, depth
	// first, at most limit; false if the payload cannot be decoded.
	leaves func(payload []byte, limit int) ([]leaf, bool)
	// view is a payload as people read it, as JSON; nil where it is text anyway.
	view func(payload []byte) ([]byte, bool)
	// skips says that a payload is no record at all; nil where all are.
	skips func(payload []byte) bool
}

// isSkipped says that a sample is no record.
func (f *format) isSkipped(payload []byte) bool { return f.skips != nil && f.skips(payload) }

// reader finds fields in payloads. It belongs to one goroutine.
type reader interface {
	// read looks at the whole of a payload that has at least one byte. It
	// returns OK, Malformed, NoSchema or NotANumber.
	read(payload []byte) stream.Reason
	// field returns what the path of that index held in the payload last read.
	// It is valid until the next read, and only if that read returned OK.
	field(index int) field
}

// leaf is a scalar field of a document.
type leaf struct {
	path path
	kind kind
}

// kind says what a field holds.
type kind uint8

const (
	missing kind = iota
	null
	boolean
	number
	text
	object
	array
	// moment is a time of a format that has such a type, as RFC 3339.
	moment
	// unknown is no kind of a field.
	unknown
)

func (k kind) String() string {
	return [...]string{"missing", "null", "boolean", "number", "text", "object", "array", "time", "unknown"}[k]
}

// field is what a path found. The text is that of a scalar: a number as it is
// written in the payload, true, false, or a string's bytes without escapes.
type field struct {
	kind kind
	text []byte
}

// Formats are the words that --format takes.
var Formats = []string{formatAuto, formatJSON, formatNumber, formatText, formatCSV, formatMsgpack, formatAvro, formatProtobuf}

// The names that --format accepts besides auto.
const (
	formatAuto   = "auto"
	formatJSON   = "json"
	formatNumber = "number"
	formatText   = "text"
	formatCSV    = "csv"
	// formatMsgpack is MessagePack.
	formatMsgpack  = "msgpack"
	formatAvro     = "avro"
	formatProtobuf = "protobuf"
)

// formatNamed returns the format that --format names.
func formatNamed(name string) (format, bool) {
	switch name {
	case formatJSON:
		return jsonFormat(), true
	case formatNumber:
		return numberFormat(), true
	case formatText:
		return textFormat(), true
	case formatMsgpack:
		return msgpackFormat(), true
	}
	if name == formatAvro || name == formatProtobuf {
		// The schemas are not known here, but that there are fields.
		return format{name: name, hasPaths: true}, true
	}
	if columns, ok := csvColumns(name); ok {
		return csvFormat(columns, nil), true
	}
	return format{}, false
}

// formatOf is the format of that name, with what only the samples tell.
func (s *spec) formatOf(name string, samples []Sample) (format, bool) {
	framed, _ := s.framing(samples)
	switch {
	case name == formatCSV:
		if columns, _ := csvColumns(s.format); columns != nil {
			return csvFormat(columns, nil), true
		}
		return csvFormat(s.csvHeader(samples)), true
	case name == formatJSON && framed == formatJSON:
		return framedJSONFormat(), true
	case name == formatProtobuf && s.proto != nil:
		return protoFormat(s.proto), true
	case name == formatProtobuf || name == formatAvro:
		return framedFormat(name, s.registry), true
	default:
		return formatNamed(name)
	}
}
