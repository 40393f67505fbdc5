package decode

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/oriel-stream/oriel/stream"
)

// maxExcerpt is how much of a payload a message shows.
const maxExcerpt = 40

// Explain says why no record of a run had a usable value, by the same records
// that Resolve looks at: which of the fields that the flags name are missing or
// of the wrong kind, what they may have been meant to be, and which fields
// there are. It is safe to print.
func (p *Plan) Explain(samples []Sample) string {
	const head = "no record had a usable value: "
	e := explanation{plan: p, decoder: p.glancing()}
	if reason := e.sort(samples); reason != "" {
		return head + reason
	}
	var faults []string
	if p.spec.time != nil {
		faults = e.appendFault(faults, "time", p.time, func(f field) bool {
			_, reason := p.spec.unit.read(f)
			return reason == stream.OK
		})
	}
	for _, k := range p.keys {
		faults = e.appendFault(faults, "key", k, func(f field) bool {
			_, reason := keyPart(f)
			return reason == stream.OK
		})
	}
	for _, v := range p.values {
		faults = e.appendFault(faults, "value", v, func(f field) bool { return f.value().Reason == stream.OK })
	}
	if len(faults) == 0 {
		faults = []string{fmt.Sprintf("the %d looked at can be read, so others or their times are at fault: --rejects FILE lists each",
			len(e.decoded))}
	}
	return head + strings.Join(faults, "; ") + e.fields()
}

// Usable says whether one of the samples has all that a record needs to count:
// an event time, a key and a value.
func (p *Plan) Usable(samples []Sample) bool {
	d := p.glancing()
	var e stream.Event
	return slices.ContainsFunc(samples, func(s Sample) bool {
		d.Decode(s.record(), &e)
		return e.TimeReason == stream.OK && e.Reason == stream.OK
	})
}

// explanation is what Explain gathers.
type explanation struct {
	plan    *Plan
	decoder *decoder
	// decoded are the samples that are what the format says.
	decoded []Sample
	// leaves are the fields of the first of them, and candidates their paths.
	leaves     []leaf
	candidates []string
}

// sort keeps the samples that can be decoded, or says why there are none.
func (e *explanation) sort(samples []Sample) string {
	var bad *Sample
	for i, s := range samples {
		switch {
		case len(s.Payload) == 0 || e.plan.format.isSkipped(s.Payload):
		case e.decoder.load(s.record()) == stream.OK:
			e.decoded = append(e.decoded, s)
		case bad == nil:
			bad = &samples[i]
		}
	}
	switch {
	case len(e.decoded) > 0:
		e.leaves, _ = e.plan.format.leaves(e.decoded[0].Payload, maxFields)
		for _, l := range e.leaves {
			e.candidates = append(e.candidates, l.path.String())
		}
		return ""
	case bad != nil:
		return fmt.Sprintf("%v cannot be read as %s, it begins %s", *bad, e.plan.format.name, excerpt(bad.Payload))
	case len(samples) > 0:
		return fmt.Sprintf("none of the %d looked at, from %v on, has a payload", len(samples), samples[0])
	default:
		return "there was none"
	}
}

// field returns what is at a place of a sample that can be decoded.
func (e *explanation) field(s Sample, p place) field {
	e.decoder.load(s.record())
	return e.decoder.field(p)
}

// appendFault appends what is wrong with a field of all samples.
func (e *explanation) appendFault(faults []string, flag string, at place, usable func(field) bool) []string {
	var held field
	for _, s := range e.decoded {
		f := e.field(s, at)
		if usable(f) {
			return faults
		}
		if held.kind == missing {
			held = field{kind: f.kind, text: slices.Clone(f.text)}
		}
	}
	p := e.plan.pathAt(at)
	name := p.String()
	switch {
	case len(p) == 0:
		return append(faults, fmt.Sprintf("the payload (%v) is not a finite number", held.kind))
	case flag == "time" && (held.kind == text || held.kind == number):
		return append(faults, fmt.Sprintf("--time %s is %v (%s) and cannot be read as a time (--time-unit)",
			printable(name), held.kind, excerpt(held.text)))
	case held.kind != missing:
		return append(faults, fmt.Sprintf("--%s %s is %v and cannot be read as a %s", flag, printable(name), held.kind, flag))
	}
	if near, ok := Nearest(name, e.candidates); ok {
		flag += ", did you mean " + printable(near) + "?"
	}
	return append(faults, fmt.Sprintf("no field %s (--%s)%s", printable(name), flag, e.within(p)))
}

// within says how far a path leads that leads nowhere, and what it could have
// gone on to. Empty if not even its first step is there.
func (e *explanation) within(p path) string {
	for n := len(p) - 1; n > 0; n-- {
		var there []string
		for _, l := range e.leaves {
			if len(l.path) > n && l.path[:n].equal(p[:n]) {
				there = append(there, printable(l.path.String()))
			}
		}
		if len(there) > maxWithin {
			there = append(there[:maxWithin], "...")
		}
		if len(there) > 0 {
			return fmt.Sprintf(", but %s is there, with %s", printable(p[:n].String()), strings.Join(there, ", "))
		}
	}
	return ""
}

// maxWithin is how many fields below a step are named.
const maxWithin = 5

// fields lists what there is.
func (e *explanation) fields() string {
	out := describe(e.leaves)
	if len(out) == 0 {
		return ""
	}
	return fmt.Sprintf("; the fields of %v are %s", e.decoded[0], strings.Join(out, ", "))
}

// excerpt quotes the beginning of a payload.
func excerpt(b []byte) string {
	if len(b) > maxExcerpt {
		return strconv.Quote(string(b[:maxExcerpt])) + "..."
	}
	return strconv.Quote(string(b))
}
