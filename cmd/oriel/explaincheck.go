package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/stream/ndjson"
	"github.com/oriel-stream/oriel/window"
)

// notCore are the fields of a line that its offsets do not determine.
var notCore = []string{"emitted_at", "lag_ms", "lag_clock", "closed_by", "incomplete", "forecast", "score"}

// agrees compares what came out with the line, if there is one, and says whether
// it is what was looked for.
func (x *explanation) agrees(found *stream.Explanation) (bool, error) {
	l := x.query.line
	if l == nil {
		return false, nil
	}
	differ, err := differences(l, found.Panes, &found.Aggregates)
	if err != nil {
		return false, err
	}
	found.Checked, found.Differ = true, differ
	return len(differ) == 0, nil
}

// verdict is what is said of the line at the end. Where it is left open the line
// is not checked.
func (x *explanation) verdict(found *stream.Explanation) error {
	switch {
	case len(x.gaps) > 0:
		return notCovered(x.gaps, "the line cannot be checked any more")
	case len(found.Differ) == 0:
		return nil
	}
	if why := x.query.line.leavesOpen(x.processing()); why != "" {
		found.Checked, found.Differ = false, nil
		return incompleteError{fmt.Errorf("the line is not what the log gives now, and may have been right: %s", why)}
	}
	return fmt.Errorf("the line differs from what its offsets give: %s", strings.Join(found.Differ, ", "))
}

// leavesOpen says why another content than that of the line does not make the
// line wrong; empty if it does. Offsets say what a window had. They do not say
// what had been read when a window had nothing, nor where exactly the range
// began, by which processing times change, nor where one ended that cut the window:
// by that records come late or not.
func (l *givenLine) leavesOpen(processing bool) string {
	switch {
	case l.Count == 0:
		return "it counts no record and so has no offsets: what had been read when its window closed cannot be told from it"
	case processing:
		return "the processing time of its records depends on where its run began: that cannot be told from it"
	case l.Lacks != "" && l.Late > 0:
		return "its range may have cut the window, and which of its records came late depends on where: that cannot be told from it"
	default:
		return ""
	}
}

// differences names the core fields in which a line differs from what its
// offsets give, in the order of their names; none if the two are the same.
func differences(l *givenLine, panes []*window.Pane, names *stream.Aggregates) ([]string, error) {
	var asked, computed map[string]any
	if err := json.Unmarshal(l.text, &asked); err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(panes, func(p *window.Pane) bool { return p.Revision == l.Revision }); i >= 0 {
		line := ndjson.AppendLine(nil, &stream.Line{Pane: panes[i], EmittedAt: window.MinTime}, names)
		if err := json.Unmarshal(line, &computed); err != nil {
			return nil, err
		}
	}
	for _, name := range notCore {
		delete(asked, name)
		delete(computed, name)
	}
	return differingFields(asked, computed), nil
}
