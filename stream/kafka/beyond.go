package kafka

import (
	"fmt"
	"maps"
	"slices"

	"github.com/oriel-stream/oriel/window"
)

// tellBeyond notes the offsets that were asked for and that no log has yet, and
// ends before beginnings: nothing, or less than was asked for, is read, and it is
// no error. Those of one text are told together.
func (p *Plan) tellBeyond(ids []window.PartitionID, spec RangeSpec, found lookedUp) {
	if spec.Since != nil {
		return // neither flag is there
	}
	// told is what there is to say of a partition, with %s for it; "" for nothing.
	tell := func(told func(id window.PartitionID) string) {
		by := map[string][]window.PartitionID{}
		for _, id := range ids {
			if what := told(id); what != "" {
				by[what] = append(by[what], id)
			}
		}
		for _, what := range slices.Sorted(maps.Keys(by)) {
			p.Notes = append(p.Notes, fmt.Sprintf(what, listPartitions(by[what])))
		}
	}
	tell(func(id window.PartitionID) string {
		from, to, end := spec.From.at(id.Partition), spec.To.at(id.Partition), found.end[id].offset
		switch {
		case from.kind == atOffset && from.n > end && (spec.Bounded || to.kind != notSet):
			return "--from " + from.text + " is beyond the end of %s: nothing is read there"
		case from.kind == atOffset && from.n > end:
			return "--from " + from.text + " is beyond the end of %s: reading begins at the end"
		case from.kind == atOffset && to.kind == atOffset && from.n > to.n:
			return "--from " + from.text + " is behind --to " + to.text + ": nothing is read of %s"
		}
		return ""
	})
	tell(func(id window.PartitionID) string {
		to := spec.To.at(id.Partition)
		if to.kind == atOffset && to.n > found.end[id].offset {
			return "--to " + to.text + " is beyond the end of %s: reading stops at the end as it is now"
		}
		return ""
	})
}
