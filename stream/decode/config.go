package decode

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// none is the word that --key and --value take for nothing at all. A field of
// that name is written \none.
const none = "none"

// payloadSeries is the name of the series of a payload that is a number.
const payloadSeries = "value"

// kafkaTimestamp is the path of the record's Kafka timestamp: as --time it is
// the default.
const kafkaTimestamp = "@timestamp"

// Config is what the flags say about reading a record. The zero value leaves
// everything to the defaults.
type Config struct {
	// Format is --format: auto (also ""), or another of Formats; csv may have
	// the names of its columns behind it, csv:time,host,temp.
	Format string
	// Time is --time: the path of the event time, "" or @timestamp for the
	// record's Kafka timestamp. TimeUnit is --time-unit: auto (also ""), s, ms, us, ns,
	// rfc3339 or a Go layout.
	Time, TimeUnit string
	// Keys are the --key flags: paths that are joined by '/', or the single
	// word none for one group; empty or @key for the Kafka key.
	Keys []string
	// Values are the --value flags: [NAME=]PATH for each series, or the single
	// word none to count records; empty to let the first records decide.
	Values []string
	// Distinct are the paths of --agg distinct:PATH.
	Distinct []string
	// Registry is --schema-registry, nil for none. It is needed for avro, and for
	// protobuf without Proto.
	Registry *Registry
	// Proto is the message of --proto, nil for none.
	Proto *ProtoMessage
	// Where is --where: an expression over the fields that says which records
	// count, "" for all.
	Where string
}

// Validate reports all that is wrong with c. Each line names a flag, its value
// and an example.
func (c Config) Validate() error {
	_, err := c.parse()
	return err
}

// OwnTime says that --time names an event time other than the record's Kafka
// timestamp.
func (c Config) OwnTime() bool { return c.Time != "" && c.Time != kafkaTimestamp }

// spec is a Config taken apart.
type spec struct {
	format string
	time   path // nil for the Kafka timestamp
	unit   timeUnit
	// timeNamed says that --time is the Kafka timestamp by name.
	timeNamed bool
	keys      []path
	oneGroup  bool
	series    []series
	counted   bool
	distinct  []path
	where     *condition // nil for none
	registry  *Registry
	proto     protoreflect.MessageDescriptor
}

// series is a numeric series and where its numbers are.
type series struct {
	name string
	path path
}

func (c Config) parse() (spec, error) {
	s := spec{format: c.Format, registry: c.Registry}
	if c.Proto != nil {
		s.proto = c.Proto.descriptor
	}
	if s.format == "" {
		s.format = formatAuto
	}
	err := errors.Join(
		s.checkFormat(),
		s.parseTime(c.Time, c.TimeUnit),
		s.parseKeys(c.Keys),
		s.parseValues(c.Values),
		s.parseDistinct(c.Distinct),
		s.parseWhere(c.Where),
	)
	return s, err
}

// flagError is what all errors about flags look like.
func flagError(flag, value string, err error, example string) error {
	return fmt.Errorf("--%s %q: %w; e.g. %s", flag, value, err, example)
}

func (s *spec) checkFormat() error {
	switch {
	case s.format == formatAvro && s.registry == nil:
		return flagError("format", s.format, errors.New("the schema is in a registry, and none is named"),
			"--schema-registry http://localhost:8081")
	case s.format == formatProtobuf && s.registry == nil && s.proto == nil:
		return flagError("format", s.format, errors.New("there is no schema to read it by"),
			"--proto reading.proto, or --schema-registry http://localhost:8081")
	}
	if _, ok := formatNamed(s.format); ok || s.format == formatAuto {
		return nil
	}
	return flagError("format", s.format, errors.New("not "+strings.Join(Formats[:len(Formats)-1], ", ")+" or "+Formats[len(Formats)-1]),
		"--format json, --format csv:time,host,temp")
}

// parsePath reads a path given with a flag. It refuses one where payloads have
// no fields.
func (s *spec) parsePath(flag, value, p string) (path, error) {
	const examples = `%[1]stemp, %[1]sdata.temp, %[1]sreadings[0].temp, %[1]shost\.name, %[1]s@header.host`
	steps, err := parsePath(p)
	if f, ok := formatNamed(s.format); ok && !f.hasPaths && !steps.isMetadata() {
		return nil, flagError(flag, value, fmt.Errorf("payloads of --format %s have no fields", s.format),
			"--format json, or no --"+flag)
	}
	if err != nil {
		before := strings.TrimSuffix(value, p) // distinct: or a name and =
		return nil, flagError(flag, value, err, fmt.Sprintf(examples, "--"+flag+" "+before))
	}
	return steps, nil
}

func (s *spec) parseTime(p, unit string) error {
	var errs []error
	var err error
	if s.unit, err = parseTimeUnit(unit); err != nil {
		errs = append(errs, flagError("time-unit", unit, err,
			`--time-unit ms, --time-unit "2006-01-02 15:04:05"`))
	}
	s.timeNamed = p == kafkaTimestamp
	switch {
	case p != "" && p != kafkaTimestamp:
		if s.time, err = s.parsePath("time", p, p); err != nil {
			errs = append(errs, err)
		}
	case unit != "" && unit != "auto":
		errs = append(errs, flagError("time-unit", unit,
			errors.New("without --time the event time is the Kafka timestamp, which has no unit to choose"),
			"--time ts --time-unit "+unit))
	}
	return errors.Join(errs...)
}

func (s *spec) parseKeys(keys []string) error {
	if slices.Equal(keys, []string{none}) {
		s.oneGroup = true
		return nil
	}
	var errs []error
	for _, k := range keys {
		if k == none {
			errs = append(errs, flagError("key", k, errors.New("it stands alone, beside other keys it means nothing"),
				"--key none, or --key site --key sensor"))
			continue
		}
		p, err := s.parsePath("key", k, k)
		s.keys = append(s.keys, p)
		errs = append(errs, err)
	}
	if len(s.keys) == 1 && s.keys[0].is(metaKey) {
		s.keys = nil // that is the default, null keys included
	}
	return errors.Join(errs...)
}

func (s *spec) parseValues(values []string) error {
	if slices.Equal(values, []string{none}) {
		s.counted = true
		return nil
	}
	var errs []error
	for _, v := range values {
		if v == none {
			errs = append(errs, flagError("value", v, errors.New("it stands alone, beside other values it means nothing"),
				"--value none, or --value temp --value humidity"))
			continue
		}
		errs = append(errs, s.parseValue(v))
	}
	return errors.Join(errs...)
}

// parseValue reads one [NAME=]PATH.
func (s *spec) parseValue(v string) error {
	name, text := cutName(v)
	switch {
	case v == "":
		return flagError("value", v, errors.New("it names no field"), "--value data.temp")
	case name == "":
		return flagError("value", v, errors.New("the name in front of = is empty"), "--value t=data.temp")
	case !utf8.ValidString(name):
		return flagError("value", v, errors.New("the name is not valid UTF-8"), "--value t=data.temp")
	case slices.ContainsFunc(s.series, func(o series) bool { return o.name == name }):
		return flagError("value", v, fmt.Errorf("two series are named %q", name), "--value in=a.temp --value out=b.temp")
	}
	p, err := s.parsePath("value", v, text)
	s.series = append(s.series, series{name, p})
	return err
}

func (s *spec) parseDistinct(paths []string) error {
	const prefix = "distinct:"
	var errs []error
	for _, text := range paths {
		p, err := s.parsePath("agg", prefix+text, text)
		if err == nil && slices.ContainsFunc(s.distinct, p.equal) {
			err = flagError("agg", prefix+text, errors.New("the field is given twice"), "--agg distinct:user.id,distinct:host")
		}
		s.distinct = append(s.distinct, p)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func (s *spec) parseWhere(text string) error {
	if text == "" {
		return nil
	}
	var err error
	if s.where, err = parseCondition(text); err != nil {
		return flagError("where", text, err, `--where 'temp > 20 && site == "north"', --where '@partition == 0'`)
	}
	f, ok := formatNamed(s.format)
	inPayload := slices.ContainsFunc(s.where.paths, func(p path) bool { return !p.isMetadata() })
	if ok && !f.hasPaths && inPayload {
		return flagError("where", text, fmt.Errorf("payloads of --format %s have no fields", s.format),
			"--format json, or --where '@partition == 0'")
	}
	return nil
}

// cutName splits [NAME=]PATH at the first = that has no backslash before it;
// without one the path is its own name.
func cutName(v string) (name, text string) {
	for i := 0; i < len(v); i++ {
		switch v[i] {
		case '\\':
			i++
		case '=':
			return v[:i], v[i+1:]
		}
	}
	return v, v
}

// usesPaths says whether a flag names a field of the payload.
func (s *spec) usesPaths() bool { return len(s.payloadPaths()) > 0 }

// payloadPaths are the fields of the payload that flags name.
func (s *spec) payloadPaths() []path {
	named := slices.Concat(s.keys, s.distinct)
	if s.time != nil {
		named = append(named, s.time)
	}
	for _, v := range s.series {
		named = append(named, v.path)
	}
	if s.where != nil {
		named = append(named, s.where.paths...)
	}
	return slices.DeleteFunc(named, path.isMetadata)
}

// names says whether --time or --key reads that field.
func (s *spec) names(p path) bool {
	return p.equal(s.time) || slices.ContainsFunc(s.keys, p.equal)
}
