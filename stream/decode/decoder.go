package decode

import (
	"slices"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// decoder reads records by a plan. See the package's documentation for the
// order of its verdicts.
type decoder struct {
	plan   *Plan
	reader reader
	beside metadataReader
	record *stream.Record
	filter *filter // nil for none
	usable bool    // a filtered record could have been used
	joined []byte  // the key, if it is made of several fields
	typed  []byte  // the values that are counted as distinct, one after the other
}

// Series implements stream.Decoder.
func (d *decoder) Series() []string { return d.plan.Series }

// OnWait implements stream.Waiter.
func (d *decoder) OnWait(f func()) {
	if r, ok := d.reader.(*framedReader); ok {
		r.schema = func(id int) (*schema, error) { return r.registry.schemaFor(id, f) }
	}
}

// Decode implements stream.Decoder. The event's key may be a slice of the
// record.
func (d *decoder) Decode(r *stream.Record, e *stream.Event) {
	fault := d.load(r)
	e.FromPayload = d.plan.spec.time != nil
	e.Time, e.TimeReason = d.time(r, fault)
	if e.Filtered = d.filtered(fault); e.Filtered {
		d.usable = d.usable || d.isUsable(r, fault, e)
		e.Usable = d.usable
		e.Key, e.Values, e.Distinct, e.Reason = nil, e.Values[:0], e.Distinct[:0], stream.OK
		return
	}
	var keyReason stream.Reason
	e.Key, keyReason = d.key(r, fault)
	e.Values = d.values(fault, e.Values[:0])
	e.Distinct = d.distinct(fault, e.Distinct[:0])
	e.Reason = verdict(fault, keyReason, e.Values)
}

// isUsable says whether a record that is not asked for could be used. It
// overwrites the event's values.
func (d *decoder) isUsable(r *stream.Record, fault stream.Reason, e *stream.Event) bool {
	_, reason := d.key(r, fault)
	e.Values = d.values(fault, e.Values[:0])
	return e.TimeReason == stream.OK && verdict(fault, reason, e.Values) == stream.OK
}

// load takes up a record and says what is wrong with its payload as a whole.
func (d *decoder) load(r *stream.Record) stream.Reason {
	d.record = r
	d.beside.forget()
	return d.payload(r.Value)
}

// field returns what is at a place of the record. If that is in the payload,
// the payload has to be without fault.
func (d *decoder) field(p place) field {
	if p < 0 {
		return d.beside.field(d.record, d.plan.metadata[^p])
	}
	return d.reader.field(int(p))
}

// payload says what is wrong with a payload.
func (d *decoder) payload(b []byte) stream.Reason {
	switch {
	case b == nil:
		return stream.Null
	case len(b) == 0:
		return stream.Empty
	default:
		return d.reader.read(b)
	}
}

func (d *decoder) time(r *stream.Record, fault stream.Reason) (window.Time, stream.Reason) {
	switch {
	case d.plan.spec.time == nil:
		return kafkaTime(r.Timestamp)
	case fault != stream.OK && d.plan.time.inPayload():
		return 0, fault
	default:
		return d.plan.spec.unit.read(d.field(d.plan.time))
	}
}

// kafkaTime judges a Kafka timestamp.
func kafkaTime(ms int64) (window.Time, stream.Reason) {
	switch t := window.Time(ms); {
	case ms == -1:
		return 0, stream.NoTime
	case !t.IsEventTime():
		return 0, stream.BadTime
	default:
		return t, stream.OK
	}
}

// key returns the grouping key; nil where the reason is not OK.
func (d *decoder) key(r *stream.Record, fault stream.Reason) ([]byte, stream.Reason) {
	keys := d.plan.keys
	switch {
	case d.plan.spec.oneGroup:
		return nil, stream.OK
	case len(keys) == 0:
		return r.Key, stream.OK
	case fault != stream.OK && slices.ContainsFunc(keys, place.inPayload):
		return nil, fault
	case len(keys) == 1:
		return keyPart(d.field(keys[0]))
	}
	if cap(d.joined) > maxScratch {
		d.joined = make([]byte, 0, 64)
	}
	d.joined = d.joined[:0]
	for i, k := range keys {
		part, reason := keyPart(d.field(k))
		if reason != stream.OK {
			return nil, reason
		}
		if i > 0 {
			d.joined = append(d.joined, '/')
		}
		d.joined = append(d.joined, part...)
	}
	return d.joined, stream.OK
}

// keyPart returns what a field adds to a key.
func keyPart(f field) ([]byte, stream.Reason) {
	switch f.kind {
	case text, number, boolean, moment:
		if f.text == nil {
			return []byte{}, stream.OK // an empty text is a key, no null
		}
		return f.text, stream.OK
	default:
		return nil, stream.NoField
	}
}

// values appends one value for each series.
func (d *decoder) values(fault stream.Reason, values []stream.Value) []stream.Value {
	for _, p := range d.plan.values {
		switch fault {
		case stream.OK:
			values = append(values, d.field(p).value())
		case stream.NotANumber:
			values = append(values, stream.Value{Reason: fault})
		default:
			values = append(values, stream.Value{Reason: stream.NoField})
		}
	}
	return values
}

// verdict returns the reason of the event: the first that applies of the
// payload's, the key's, and, if no value is usable, the first value's.
func verdict(fault, key stream.Reason, values []stream.Value) stream.Reason {
	switch {
	case fault != stream.OK:
		return fault
	case key != stream.OK:
		return key
	case len(values) == 0:
		return stream.OK
	}
	for i := range values {
		if values[i].Reason == stream.OK {
			return stream.OK
		}
	}
	return values[0].Reason
}
