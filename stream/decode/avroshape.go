package decode

import (
	"cmp"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/twmb/avro"
)

// avroShape is the Go type into which what is wanted of an Avro value is
// decoded: a struct for a record, of which the library fills the fields that
// there are, a scalar where the schema says which, else any. A union of null and
// one other is a pointer.
type avroShape struct {
	wanted *wanted
	goType reflect.Type
	// members are those of a record that are wanted, in the order of the fields
	// of the struct; nil for what is no record.
	members []*avroShape
	// loose says that it is an any, or has one among its members.
	loose bool
}

var anyType = reflect.TypeFor[any]()

// avroTypes are the Go types of scalars, by their types in a schema and the
// logical ones behind a point.
var avroTypes = map[string]reflect.Type{
	"boolean":                     reflect.TypeFor[bool](),
	"int":                         reflect.TypeFor[int32](),
	"int.time-millis":             reflect.TypeFor[int32](),
	"int.date":                    reflect.TypeFor[time.Time](),
	"long":                        reflect.TypeFor[int64](),
	"long.time-micros":            reflect.TypeFor[int64](),
	"long.timestamp-millis":       reflect.TypeFor[time.Time](),
	"long.timestamp-micros":       reflect.TypeFor[time.Time](),
	"long.timestamp-nanos":        reflect.TypeFor[time.Time](),
	"long.local-timestamp-millis": reflect.TypeFor[time.Time](),
	"long.local-timestamp-micros": reflect.TypeFor[time.Time](),
	"long.local-timestamp-nanos":  reflect.TypeFor[time.Time](),
	"float":                       reflect.TypeFor[float32](),
	"double":                      reflect.TypeFor[float64](),
	"string":                      reflect.TypeFor[string](),
	"string.uuid":                 reflect.TypeFor[string](),
	"enum":                        reflect.TypeFor[string](),
}

// newAvroShape is the shape of what the paths of root want of a schema.
func newAvroShape(schema *avro.Schema, root *wanted) *avroShape {
	node := schema.Root()
	names := make(map[string]*avro.SchemaNode)
	nameAvro(names, node, "")
	return shapeOf(names, node, root)
}

// nameAvro finds the records that others refer to, by their full names, and
// makes the references full: a name without a point is of the namespace around
// it, if that has it. A record stands before those that refer to it.
func nameAvro(names map[string]*avro.SchemaNode, n *avro.SchemaNode, namespace string) {
	if n == nil {
		return
	}
	if n.Type == "record" {
		full := n.Name
		if !strings.Contains(full, ".") && cmp.Or(n.Namespace, namespace) != "" {
			full = cmp.Or(n.Namespace, namespace) + "." + full
		}
		names[full] = n
		namespace = full[:max(0, strings.LastIndexByte(full, '.'))]
	} else if full := namespace + "." + n.Type; names[full] != nil {
		n.Type = full
	}
	nameAvro(names, n.Items, namespace)
	nameAvro(names, n.Values, namespace)
	for i := range n.Fields {
		nameAvro(names, &n.Fields[i].Type, namespace)
	}
	for i := range n.Branches {
		nameAvro(names, &n.Branches[i], namespace)
	}
}

func shapeOf(names map[string]*avro.SchemaNode, n *avro.SchemaNode, want *wanted) *avroShape {
	if named, ok := names[n.Type]; ok {
		n = named
	}
	if value := orNull(n); value != nil {
		s := shapeOf(names, value, want)
		if s.goType != anyType && s.goType.Kind() != reflect.Pointer {
			s.goType = reflect.PointerTo(s.goType)
		}
		return s
	}
	if n.Type == "record" {
		return recordShape(names, n, want)
	}
	kind := n.Type
	if n.LogicalType != "" {
		kind += "." + n.LogicalType
	}
	if t, ok := avroTypes[kind]; ok {
		return &avroShape{wanted: want, goType: t}
	}
	return &avroShape{wanted: want, goType: anyType, loose: true}
}

// orNull is the other branch of a union with null; nil for what is none.
func orNull(n *avro.SchemaNode) *avro.SchemaNode {
	if n.Type != "union" || len(n.Branches) != 2 {
		return nil
	}
	for i := range n.Branches {
		if n.Branches[i].Type == "null" {
			return &n.Branches[1-i]
		}
	}
	return nil
}

func recordShape(names map[string]*avro.SchemaNode, n *avro.SchemaNode, want *wanted) *avroShape {
	s := &avroShape{wanted: want, members: []*avroShape{}}
	var fields []reflect.StructField
	for i := range n.Fields {
		f := &n.Fields[i]
		below := want.member([]byte(f.Name))
		if below == nil {
			continue
		}
		m := shapeOf(names, &f.Type, below)
		s.members, s.loose = append(s.members, m), s.loose || m.loose
		fields = append(fields, reflect.StructField{
			Name: fmt.Sprintf("F%d", len(fields)), Type: m.goType, Tag: reflect.StructTag(fmt.Sprintf("avro:%q", f.Name)),
		})
	}
	s.goType = reflect.StructOf(fields)
	return s
}
