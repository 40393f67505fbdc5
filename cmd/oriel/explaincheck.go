package main

import (
	"encoding/json"
	"slices"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/stream/ndjson"
	"github.com/oriel-stream/oriel/window"
)

// notCore are the fields of a line that its offsets do not determine.
var notCore = []string{"emitted_at", "lag_ms", "lag_clock", "closed_by", "incomplete", "forecast", "score"}

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
