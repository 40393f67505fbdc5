package ndjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/oriel-stream/oriel/window"
)

// headerVersion is the version of the header line that is written and read.
const headerVersion = 1

var errNoStart = errors.New("no start, or one below 0")

// declared is the header line; AppendHeader says what it means.
type declared struct {
	Oriel      *int                                `json:"oriel"`
	Partitions map[string]map[string]declaredRange `json:"partitions"`
}

type declaredRange struct {
	Start    *int64 `json:"start"`
	End      *int64 `json:"end"`
	LogStart *int64 `json:"log_start"`
	BeforeMS *int64 `json:"before_ms"`
	LogEnd   *int64 `json:"log_end"`
}

// parseHeader reads a header line, nil if the line is none.
func parseHeader(line []byte) (*declared, error) {
	// Most first lines are records; do not build those.
	if !bytes.Contains(line, []byte(`"oriel"`)) {
		return nil, nil
	}
	var version struct {
		Oriel json.RawMessage `json:"oriel"`
	}
	err := json.Unmarshal(line, &version)
	if isHeader := err == nil && version.Oriel != nil; !isHeader {
		return nil, nil
	}
	var d declared
	if err := json.Unmarshal(line, &d); err != nil {
		return nil, fmt.Errorf("header line: %w", err)
	}
	if d.Oriel == nil || *d.Oriel != headerVersion {
		return nil, fmt.Errorf("header line: version %s where %d is known", version.Oriel, headerVersion)
	}
	return &d, nil
}

// declare enters the header's partitions into the table. In live runs the ends
// are ignored and partitions may join.
func (ps *partitions) declare(d *declared, live bool) error {
	ps.closed = !live
	for name, numbers := range d.Partitions {
		t := ps.topic(name)
		for number, r := range numbers {
			n, err := strconv.ParseInt(number, 10, 32)
			if err != nil || n < 0 {
				return fmt.Errorf("header line: partition %q of topic %q is not a partition number", number, name)
			}
			if err := r.validate(); err != nil {
				return fmt.Errorf("header line: %s/%d: %w", name, n, err)
			}
			p, err := ps.add(t, int32(n), *r.Start)
			if err != nil {
				return fmt.Errorf("header line: %w", err)
			}
			p.before = min(p.before, r.before())
			if r.End != nil && !live {
				p.end = *r.End
				p.short = r.LogEnd != nil && *r.LogEnd > p.end
			}
		}
	}
	return nil
}

func (r *declaredRange) validate() error {
	switch {
	case r.Start == nil || *r.Start < 0:
		return errNoStart
	case r.End != nil && *r.End < *r.Start:
		return fmt.Errorf("end %d is below start %d", *r.End, *r.Start)
	case r.End != nil && r.LogEnd != nil && *r.LogEnd < *r.End:
		return fmt.Errorf("log_end %d is below end %d", *r.LogEnd, *r.End)
	case r.LogStart != nil && *r.LogStart > *r.Start:
		return fmt.Errorf("log_start %d is above start %d", *r.LogStart, *r.Start)
	}
	return nil
}

// before is Assignment.Before.
func (r *declaredRange) before() window.Time {
	switch {
	case r.LogStart != nil && *r.LogStart == *r.Start:
		return window.MinTime
	case r.BeforeMS != nil:
		return window.Time(*r.BeforeMS)
	default:
		return window.MaxTime
	}
}

// open reports whether an end is not known.
func (ps *partitions) open() bool {
	if !ps.closed {
		return true
	}
	for _, p := range ps.sorted() {
		if p.end < 0 {
			return true
		}
	}
	return false
}
