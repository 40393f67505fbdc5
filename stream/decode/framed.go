package decode

import (
	"encoding/binary"
	"fmt"

	"github.com/twmb/franz-go/pkg/sr"

	"github.com/oriel-stream/oriel/stream"
)

// frameSize is the length of the Confluent framing: a zero byte and the schema's
// id.
const frameSize = 5

// unframe splits a payload behind the framing; false if it has none.
func unframe(payload []byte) (id int, rest []byte, framed bool) {
	if len(payload) < frameSize || payload[0] != 0 {
		return 0, payload, false
	}
	return int(binary.BigEndian.Uint32(payload[1:])), payload[frameSize:], true
}

// maxReaders bounds the readers that are kept for the next payload of a schema.
const maxReaders = 1000

// framedFormat is payloads with the id of their schema in front, all of one
// kind: Avro, Protobuf or, with a schema that nobody needs, JSON.
func framedFormat(name string, registry *Registry) format {
	return format{
		name:      name,
		hasPaths:  true,
		newReader: func(paths []path) reader { return newFramedReader(name, registry, paths) },
		leaves: func(payload []byte, limit int) ([]leaf, bool) {
			id, rest, framed := unframe(payload)
			if !framed {
				return nil, false
			}
			s, err := registry.schema(id)
			if err != nil || kindNames[s.kind] != name {
				return nil, false
			}
			if s.kind == sr.TypeAvro {
				return avroLeaves(s.avro, rest, limit)
			}
			message, rest, ok := messageOf(s.proto, rest)
			if !ok {
				return nil, false
			}
			return protoLeaves(message, rest, limit)
		},
		view: func(payload []byte) ([]byte, bool) { return framedView(registry, payload) },
	}
}

// framedView is a payload as JSON.
func framedView(registry *Registry, payload []byte) ([]byte, bool) {
	id, rest, framed := unframe(payload)
	if !framed {
		return nil, false
	}
	s, err := registry.schema(id)
	switch {
	case err != nil:
		return nil, false
	case s.kind == sr.TypeAvro:
		return avroView(s.avro, rest)
	case s.kind == sr.TypeProtobuf:
		message, rest, ok := messageOf(s.proto, rest)
		if !ok {
			return nil, false
		}
		return protoView(message, rest)
	default:
		return rest, true
	}
}

// kindNames are the formats of the kinds of schemas.
var kindNames = map[sr.SchemaType]string{
	sr.TypeAvro: formatAvro, sr.TypeProtobuf: formatProtobuf, sr.TypeJSON: formatJSON,
}

// framedReader has a reader for each schema that comes along. A payload whose
// schema does not exist, or is of another kind, is malformed; one whose schema
// the registry does not hand out has no schema.
type framedReader struct {
	name     string
	registry *Registry
	paths    []path
	// readers are by the id of the schema and, for Protobuf, the indexes of the
	// message, as they stand in the payload. A nil one reads nothing.
	readers map[string]reader
	current reader
	// schema asks the registry.
	schema func(id int) (*schema, error)
}

func newFramedReader(name string, registry *Registry, paths []path) *framedReader {
	return &framedReader{name: name, registry: registry, paths: paths, readers: make(map[string]reader), schema: registry.schema}
}

func (r *framedReader) read(payload []byte) stream.Reason {
	id, rest, framed := unframe(payload)
	if !framed {
		return stream.Malformed
	}
	head := frameSize
	if r.name == formatProtobuf {
		n, ok := indexesLength(rest)
		if !ok {
			return stream.Malformed
		}
		head += n
	}
	current, known := r.readers[string(payload[:head])]
	if !known {
		if len(r.readers) >= maxReaders {
			clear(r.readers)
		}
		var err error
		if current, err = r.open(id, rest); isUnavailable(err) {
			return stream.NoSchema
		}
		r.readers[string(payload[:head])] = current
	}
	if current == nil {
		return stream.Malformed
	}
	r.current = current
	return current.read(payload[head:])
}

// open makes the reader for a schema; nil if there is none that fits.
func (r *framedReader) open(id int, rest []byte) (reader, error) {
	s, err := r.schema(id)
	if err != nil || kindNames[s.kind] != r.name {
		return nil, err
	}
	if s.kind == sr.TypeAvro {
		return newAvroReader(s.avro, r.paths), nil
	}
	message, _, ok := messageOf(s.proto, rest)
	if !ok {
		return nil, nil
	}
	return newProtoReader(message, r.paths), nil
}

func (r *framedReader) field(index int) field { return r.current.field(index) }

// unframedJSON reads JSON with or without the framing: no document begins with
// a zero byte.
type unframedJSON struct{ *jsonReader }

func (r unframedJSON) read(payload []byte) stream.Reason {
	_, rest, _ := unframe(payload)
	return r.jsonReader.read(rest)
}

// framedJSONFormat is JSON behind the id of its JSON Schema.
func framedJSONFormat() format {
	f := jsonFormat()
	f.newReader = func(paths []path) reader { return unframedJSON{newJSONReader(paths)} }
	f.leaves = func(payload []byte, limit int) ([]leaf, bool) {
		_, rest, _ := unframe(payload)
		return jsonLeaves(rest, limit)
	}
	f.view = func(payload []byte) ([]byte, bool) {
		_, rest, framed := unframe(payload)
		return rest, framed
	}
	return f
}

// deciding is the sample of which the framing says what payloads are: the first
// that has a payload and no schema that cannot be used, for one stray record
// says nothing of the others. Where there is none it is the first of them, and
// where none has a payload it has none either. The error says that its schema is
// not to be had for now.
func (s *spec) deciding(samples []Sample) (first Sample, unavailable error) {
	for _, sample := range samples {
		if len(sample.Payload) == 0 {
			continue
		}
		err := s.schemaFault(sample.Payload)
		switch {
		case err == nil || isUnavailable(err):
			return sample, err
		case first.Payload == nil:
			first = sample
		}
	}
	return first, nil
}

// schemaFault is what keeps a payload that needs a schema from having one.
func (s *spec) schemaFault(payload []byte) error {
	id, rest, framed := unframe(payload)
	if s.registry == nil || !framed || len(rest) == 0 || isDocument(rest) {
		return nil
	}
	_, err := s.registry.schema(id)
	return err
}

// lacksSchema says that samples look framed and what keeps them from being read
// by their schema; "" if they do not.
func (s *spec) lacksSchema(samples []Sample) string {
	sample, _ := s.deciding(samples)
	id, rest, framed := unframe(sample.Payload)
	switch {
	case !framed || len(rest) == 0:
		return ""
	case s.registry == nil:
		return fmt.Sprintf("%v looks like Avro or Protobuf behind the id of its schema, %d: --schema-registry http://HOST:8081 reads it", sample, id)
	default:
		return fmt.Sprintf("%v may be Avro or Protobuf, but its schema, %d, cannot be used", sample, id)
	}
}

// schemaError is not nil if the registry does not hand out the schema of the
// sample that decides, and it is needed.
func (s *spec) schemaError(samples []Sample) error {
	needed := s.format == formatAuto || s.format == formatAvro || s.format == formatProtobuf
	if s.registry == nil || s.proto != nil || !needed {
		return nil
	}
	if sample, err := s.deciding(samples); err != nil {
		return &RegistryError{Sample: sample, Cause: err}
	}
	return nil
}

// isDocument says that a payload is a JSON object or array.
func isDocument(payload []byte) bool {
	document := newJSONReader([]path{{}})
	return len(payload) > 0 && document.read(payload) == stream.OK && (document.field(0).kind == object || document.field(0).kind == array)
}

// framing is what the framing of the sample that decides says.
func (s *spec) framing(samples []Sample) (format, why string) {
	sample, _ := s.deciding(samples)
	id, rest, framed := unframe(sample.Payload)
	if !framed || len(rest) == 0 {
		return "", ""
	}
	if isDocument(rest) {
		return formatJSON, fmt.Sprintf("%v is JSON behind the id of a schema, %d", sample, id)
	}
	if s.registry == nil {
		return "", ""
	}
	registered, err := s.registry.schema(id)
	if err != nil {
		return "", ""
	}
	return kindNames[registered.kind], fmt.Sprintf("%v has schema %d of the registry", sample, id)
}
