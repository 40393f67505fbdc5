package decode

import (
	"fmt"
	"slices"
	"strings"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// Sample is one of the first records of the lowest partition that has any.
type Sample struct {
	ID     window.PartitionID
	Offset int64
	// Timestamp is the Kafka timestamp in ms, -1 for none.
	Timestamp int64
	// Key and Payload are nil when null.
	Key, Payload []byte
	Headers      []stream.Header
}

func (s *Sample) record() *stream.Record {
	return &stream.Record{
		ID: s.ID, Offset: s.Offset, Timestamp: s.Timestamp, Key: s.Key, Value: s.Payload, Headers: s.Headers,
	}
}

// String says where the sample is from: sensors/0 offset 12.
func (s Sample) String() string {
	return fmt.Sprintf("%s/%d offset %d", s.ID.Topic, s.ID.Partition, s.Offset)
}

// Plan is how records are read, with nothing left to choose. It is immutable
// and may be shared.
type Plan struct {
	// Format is one of Formats; auto while the plan is open and no format is
	// known.
	Format string
	// Series are the names of the numeric series; empty if records are counted.
	Series []string
	// Reason says in one sentence which format and values are read and why, which of the
	// distinct values that are asked for are nowhere, and whether --where is
	// true of none of the samples.
	Reason string

	spec   spec
	format format
	open   bool
	// paths are the fields of the payload that are read and metadata those
	// beside it, each once. time counts if the spec has one.
	paths    []path
	metadata []step
	time     place
	keys     []place
	values   []place
	distinct []place
	where    []place
}

// place says where a record has something: an index into the paths of a plan,
// or, inverted and so negative, into its metadata.
type place int

func (p place) inPayload() bool { return p >= 0 }

// choice is which series are read and why.
type choice struct {
	series []series
	reason string
	open   bool
}

// maxChoiceLeaves bounds how far into a record the first number is looked for.
const maxChoiceLeaves = 1000

// Resolve settles what c leaves open by the first records of the topic, up to
// 64 of them, in order, of the lowest partition that has any.
//
// Format auto is protobuf if there is a message for it, else what the schema of
// the first framed sample that has one is, and msgpack if all samples are maps of
// it. Else it is json if a sample is a JSON object or array, or if a flag names a
// field (only json has fields); else number if a sample is a JSON number; else
// text.
//
// Without --value the value is the first number, in document order, depth
// first, of the first sample that can be decoded: a field that neither --time
// nor --key reads, or the payload itself. If there is none, records are counted.
//
// Where the samples do not suffice (none has a payload, or none can be decoded)
// the plan is open: call Resolve again with more of them. The error is that of
// Validate, or a *RegistryError where a sample needs a schema that cannot be had.
func (c Config) Resolve(samples []Sample) (*Plan, error) {
	s, err := c.parse()
	if err != nil {
		return nil, err
	}
	if err := s.schemaError(samples); err != nil {
		return nil, err
	}
	name, why := s.detect(samples)
	p := &Plan{Format: name}
	var known bool
	if p.format, known = s.formatOf(p.Format, samples); !known {
		p.format = textFormat()
	}
	ch := s.choose(p.format, samples)
	s.series = ch.series
	p.spec, p.Reason, p.open = s, ch.reason, ch.open || !known
	if !known {
		p.Reason = "value: not chosen yet (no record has a payload)"
	}
	if why != "" {
		p.Reason = why + "; " + p.Reason
	}
	p.place()
	p.Reason += p.hints(samples)
	return p, nil
}

// Open says that the samples were not enough to settle the plan. Its decoders
// read what the flags name, take any bytes if the format is not known yet, and
// count records.
func (p *Plan) Open() bool { return p.open }

// place gives everything that is read its place.
func (p *Plan) place() {
	if p.spec.time != nil {
		p.time = p.placeOf(p.spec.time)
	}
	for _, k := range p.spec.keys {
		p.keys = append(p.keys, p.placeOf(k))
	}
	for _, s := range p.spec.series {
		p.Series = append(p.Series, s.name)
		p.values = append(p.values, p.placeOf(s.path))
	}
	for _, d := range p.spec.distinct {
		p.distinct = append(p.distinct, p.placeOf(d))
	}
	if p.spec.where != nil {
		for _, w := range p.spec.where.paths {
			p.where = append(p.where, p.placeOf(w))
		}
	}
}

func (p *Plan) placeOf(field path) place {
	if field.isMetadata() {
		i := slices.Index(p.metadata, field[0])
		if i < 0 {
			i = len(p.metadata)
			p.metadata = append(p.metadata, field[0])
		}
		return place(^i)
	}
	if i := slices.IndexFunc(p.paths, field.equal); i >= 0 {
		return place(i)
	}
	p.paths = append(p.paths, field)
	return place(len(p.paths) - 1)
}

// pathAt is the path that leads to a place.
func (p *Plan) pathAt(at place) path {
	if at.inPayload() {
		return p.paths[at]
	}
	return path{p.metadata[^at]}
}

// detect returns the format, or auto if the samples do not tell, and why it was
// chosen where the payloads do not show it.
func (s *spec) detect(samples []Sample) (name, why string) {
	if s.format != formatAuto {
		if s.format == formatCSV {
			return formatCSV, s.tellHeader(samples)
		}
		name, _, _ = strings.Cut(s.format, ":") // csv:NAME,NAME
		return name, ""
	}
	name, why = s.detectBinary(samples)
	switch {
	case name != "":
	case s.usesPaths():
		name, why = formatJSON, s.lacksSchema(samples)
	default:
		name, why = detectText(samples), s.lacksSchema(samples)
	}
	if why != "" {
		why = "format: " + name + " (" + why + ")"
	}
	return name, why
}

// detectBinary recognises formats whose payloads are not text; "" if it is none
// of them.
func (s *spec) detectBinary(samples []Sample) (name, why string) {
	if s.proto != nil {
		return formatProtobuf, "--proto"
	}
	if name, why := s.framing(samples); name != "" {
		return name, why
	}
	return detectMsgpack(samples)
}

// detectText tells json, number and text apart; auto if no sample has a
// payload.
func detectText(samples []Sample) string {
	found := formatAuto
	document := newJSONReader([]path{{}})
	for _, sample := range samples {
		switch {
		case len(sample.Payload) == 0:
			continue
		case document.read(sample.Payload) != stream.OK:
		case document.field(0).kind == object || document.field(0).kind == array:
			return formatJSON
		case document.field(0).kind == number:
			found = formatNumber
			continue
		}
		if found == formatAuto {
			found = formatText
		}
	}
	return found
}

// choose says which series are read.
func (s *spec) choose(f format, samples []Sample) choice {
	payload := []series{{name: payloadSeries}}
	switch {
	case s.counted:
		return choice{reason: "value: none, records are counted (--value none)"}
	case len(s.series) > 0:
		names := make([]string, len(s.series))
		for i := range s.series {
			names[i] = printable(s.series[i].name)
		}
		return choice{series: s.series, reason: "value: " + strings.Join(names, ", ") + " (--value)"}
	case f.countsOnly:
		return choice{reason: "value: none, records are counted (payloads are " + f.name + ")"}
	}
	for _, sample := range samples {
		if len(sample.Payload) == 0 || f.isSkipped(sample.Payload) {
			continue
		}
		if leaves, ok := f.leaves(sample.Payload, maxChoiceLeaves); ok {
			return s.firstNumber(leaves, payload, sample)
		}
	}
	if !f.hasPaths {
		return choice{series: payload, reason: "value: the payload (--format " + f.name + ")"}
	}
	return choice{open: true, reason: "value: not chosen yet (no record could be decoded as " + f.name + ")"}
}

// firstNumber picks the value by the fields of one record.
func (s *spec) firstNumber(leaves []leaf, payload []series, sample Sample) choice {
	for _, l := range leaves {
		switch {
		case l.kind != number:
		case len(l.path) == 0:
			return choice{
				series: payload,
				reason: fmt.Sprintf("value: the payload (a number in %v)", sample),
			}
		case !s.names(l.path):
			name := l.path.String()
			return choice{
				series: []series{{name, l.path}},
				reason: fmt.Sprintf("value: %s (first numeric field of %v)", printable(name), sample),
			}
		}
	}
	besides := ""
	if s.usesPaths() {
		besides = " besides --time and --key"
	}
	return choice{reason: fmt.Sprintf("value: none, records are counted (no number in %v%s)%s", sample, besides, insteadOfNumber(leaves))}
}

// insteadOfNumber says what there is instead of a number.
func insteadOfNumber(leaves []leaf) string {
	leaves = slices.DeleteFunc(slices.Clone(leaves), func(l leaf) bool { return l.kind == number })
	if len(leaves) == 0 {
		return ""
	}
	return "; its fields are " + strings.Join(describe(leaves[:min(len(leaves), maxWithin)]), ", ") +
		": --value PATH names a number that only other records have"
}

// NewDecoder returns a decoder with scratch memory of its own: one for each
// worker.
func (p *Plan) NewDecoder() stream.Decoder { return p.newDecoder() }

func (p *Plan) newDecoder() *decoder {
	return &decoder{
		filter: newFilter(p.spec.where),
		plan:   p,
		reader: p.format.newReader(p.paths),
		// Not nil: a key of no bytes is not the null key.
		joined: make([]byte, 0, 64),
	}
}

// glancing returns a decoder for samples, which does not wait for schemas.
func (p *Plan) glancing() *decoder {
	d := p.newDecoder()
	if r, ok := d.reader.(*framedReader); ok {
		r.schema = r.registry.glances()
	}
	return d
}

// View is a payload as people read it, as JSON: those of binary formats, and
// JSON behind the id of its schema. False for others, and where the payload
// cannot be decoded.
func (p *Plan) View(payload []byte) ([]byte, bool) {
	if p.format.view == nil || len(payload) == 0 {
		return nil, false
	}
	return p.format.view(payload)
}
