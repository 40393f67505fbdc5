package decode

import (
	"encoding/hex"
	"fmt"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/twmb/avro"

	"github.com/oriel-stream/oriel/stream"
)

// avroOptions leave times of day, which are no instants, the numbers they are.
var avroOptions = []avro.SchemaOpt{
	avro.CustomType{LogicalType: "time-millis", AvroType: "int"},
	avro.CustomType{LogicalType: "time-micros", AvroType: "long"},
}

// parseAvro parses a schema behind those that it refers to.
func parseAvro(text string, refs references) (*avro.Schema, error) {
	var cache avro.SchemaCache
	for _, name := range refs.order {
		if _, err := cache.Parse(refs.texts[name], avroOptions...); err != nil {
			return nil, fmt.Errorf("its reference %s: %w", name, err)
		}
	}
	return cache.Parse(text, avroOptions...)
}

// avroReader decodes of a record the members that paths lead to; the library
// passes over the others. The value is the same from record to record, so that
// its parts are used again.
type avroReader struct {
	found
	root   *wanted
	schema *avro.Schema
	shape  *avroShape
	value  reflect.Value // a pointer to what shape describes
}

func newAvroReader(writer *avro.Schema, paths []path) *avroReader {
	r := &avroReader{root: newWanted(paths), found: found{fields: make([]field, len(paths))}, schema: writer}
	r.shape = newAvroShape(writer, r.root)
	r.value = reflect.New(r.shape.goType)
	return r
}

func (r *avroReader) read(payload []byte) stream.Reason {
	r.forget()
	dropLoose(r.shape, r.value.Elem())
	rest, err := r.schema.Decode(payload, r.value.Interface(), avro.AliasInput(), avro.SkipUnknown())
	if err != nil || len(rest) > 0 {
		return stream.Malformed
	}
	r.take(r.shape, r.value.Elem())
	return stream.OK
}

// dropLoose forgets what the last record left in an any, as a union of several is:
// the library would decode into that, which may be of another branch.
func dropLoose(s *avroShape, v reflect.Value) {
	switch {
	case !s.loose:
	case s.goType == anyType:
		v.SetZero()
	case v.Kind() == reflect.Pointer:
		if !v.IsNil() {
			dropLooseMembers(s, v.Elem())
		}
	default:
		dropLooseMembers(s, v)
	}
}

func dropLooseMembers(s *avroShape, v reflect.Value) {
	for i, m := range s.members {
		dropLoose(m, v.Field(i))
	}
}

// take keeps what is wanted of a value of a shape.
func (r *avroReader) take(s *avroShape, v reflect.Value) {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			r.keep(s.wanted, null, nil)
			return
		}
		v = v.Elem()
	}
	if s.members != nil {
		r.keep(s.wanted, object, nil)
		for i, m := range s.members {
			r.take(m, v.Field(i))
		}
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		r.keepBool(s.wanted, v.Bool())
	case reflect.Int32, reflect.Int64:
		r.keepInt(s.wanted, v.Int())
	case reflect.Float32, reflect.Float64:
		r.keepFloat(s.wanted, v.Float())
	case reflect.String:
		r.keepText(s.wanted, v.String())
	case reflect.Struct:
		r.keepTime(s.wanted, *v.Addr().Interface().(*time.Time))
	default:
		r.walk(s.wanted, v.Interface())
	}
}

// walk keeps what n asks of a decoded value.
func (r *avroReader) walk(n *wanted, v any) {
	if n == nil {
		return
	}
	switch v := v.(type) {
	case map[string]any:
		r.keep(n, object, nil)
		for _, m := range n.names {
			if below, ok := v[m.name]; ok {
				r.walk(m.node, below)
			}
		}
	case []any:
		r.keep(n, array, nil)
		for _, e := range n.elements {
			if e.index < len(v) {
				r.walk(e.node, v[e.index])
			}
		}
	default:
		r.scalar(n, v)
	}
}

func (r *avroReader) scalar(n *wanted, v any) {
	switch v := v.(type) {
	case nil:
		r.keep(n, null, nil)
	case bool:
		r.keepBool(n, v)
	case int32:
		r.keepInt(n, int64(v))
	case int64:
		r.keepInt(n, v)
	case float32:
		r.keepFloat(n, float64(v))
	case float64:
		r.keepFloat(n, v)
	case string:
		r.keepText(n, v)
	case []byte:
		r.keep(n, text, v)
	case time.Time:
		r.keepTime(n, v)
	case *big.Rat:
		digits, _ := v.FloatPrec()
		r.keepNumber(n, v.FloatString(digits))
	case [16]byte:
		r.keepText(n, uuid(v))
	case fmt.Stringer: // a duration
		r.keepText(n, v.String())
	}
}

// uuid writes one down in its usual groups.
func uuid(b [16]byte) string {
	s := hex.EncodeToString(b[:])
	return strings.Join([]string{s[:8], s[8:12], s[12:16], s[16:20], s[20:]}, "-")
}

// avroLeaves lists the scalar fields of a payload, members in the order of the
// schema.
func avroLeaves(s *avro.Schema, payload []byte, limit int) ([]leaf, bool) {
	var v any
	if rest, err := s.Decode(payload, &v); err != nil || len(rest) > 0 {
		return nil, false
	}
	l := avroListing{collector: collector{limit: limit}, order: make(map[string]int), scratch: avroReader{found: found{fields: make([]field, 1)}}}
	l.note(s.Root())
	l.walk(v)
	return l.leaves, true
}

// avroListing lists fields. A decoded record is a map; order is where names
// stand in the schema.
type avroListing struct {
	collector
	order   map[string]int
	scratch avroReader
}

func (l *avroListing) note(n *avro.SchemaNode) {
	if n == nil {
		return
	}
	for i := range n.Fields {
		if _, known := l.order[n.Fields[i].Name]; !known {
			l.order[n.Fields[i].Name] = len(l.order)
		}
		l.note(&n.Fields[i].Type)
	}
	for i := range n.Branches {
		l.note(&n.Branches[i])
	}
	l.note(n.Items)
	l.note(n.Values)
}

func (l *avroListing) walk(v any) {
	switch v := v.(type) {
	case map[string]any:
		names := make([]string, 0, len(v))
		for name := range v {
			names = append(names, name)
		}
		slices.SortFunc(names, l.compare)
		for _, name := range names {
			l.enterMember([]byte(name))
			l.walk(v[name])
			l.leave()
		}
	case []any:
		for i := range v {
			l.enter(step{index: i})
			l.walk(v[i])
			l.leave()
		}
	default:
		l.scratch.scalar(&wanted{field: 0}, v)
		l.leaf(l.scratch.field(0).kind)
	}
}

// compare puts names of the schema in their order, and before others.
func (l *avroListing) compare(a, b string) int {
	i, known := l.order[a]
	j, alsoKnown := l.order[b]
	switch {
	case known && alsoKnown:
		return i - j
	case known:
		return -1
	case alsoKnown:
		return 1
	default:
		return strings.Compare(a, b)
	}
}

// avroView is a payload as JSON.
func avroView(s *avro.Schema, payload []byte) ([]byte, bool) {
	var v any
	if rest, err := s.Decode(payload, &v); err != nil || len(rest) > 0 {
		return nil, false
	}
	b, err := s.EncodeJSON(v)
	return b, err == nil
}
