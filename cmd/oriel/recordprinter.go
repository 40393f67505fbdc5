package main

import (
	"bufio"
	"context"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/stream/decode"
	"github.com/oriel-stream/oriel/stream/ndjson"
	"github.com/oriel-stream/oriel/stream/table"
	"github.com/oriel-stream/oriel/window"
)

// recordPrinter prints records. It keeps nothing of them.
type recordPrinter interface {
	show(id window.PartitionID, r *stream.Record) error
	flush() error
}

// printer returns the printer of -o.
func (o *peekOptions) printer(ctx context.Context, e *env, p *peeking, topics bool) (recordPrinter, error) {
	if o.output.value == "json" {
		lines := &recordLines{out: bufio.NewWriter(e.stdout)}
		if !o.isDump() {
			return lines, nil
		}
		err := lines.write(ndjson.AppendHeader(nil, p.assignments))
		return lines, err
	}
	sampled, err := sampleTopics(ctx, p.client, p.assignments, p.options)
	if err != nil {
		return nil, err
	}
	plan, err := o.Resolve(sampled)
	if err != nil {
		return nil, usageError{err}
	}
	if plan.Reason != "" && len(sampled) > 0 && !o.quiet {
		e.say("%s", plan.Reason)
	}
	return &recordTable{
		plan:    plan,
		decoder: plan.NewDecoder(),
		rows:    table.NewRecords(e.stdout, tableWidth(e), topics, plan.Series),
	}, nil
}

// recordLines prints envelope lines.
type recordLines struct {
	out  *bufio.Writer
	line []byte
}

func (l *recordLines) show(id window.PartitionID, r *stream.Record) error {
	l.line = ndjson.AppendEnvelope(l.line[:0], id, r)
	return l.write(l.line)
}

func (l *recordLines) write(line []byte) error {
	if _, err := l.out.Write(line); err != nil {
		return err
	}
	return l.out.WriteByte('\n')
}

func (l *recordLines) flush() error { return l.out.Flush() }

// recordTable prints rows for people, with what the decoder makes of records.
type recordTable struct {
	plan    *decode.Plan
	decoder stream.Decoder
	event   stream.Event
	rows    *table.Records
}

func (t *recordTable) show(id window.PartitionID, r *stream.Record) error {
	t.decoder.Decode(r, &t.event)
	if view, ok := t.plan.View(r.Value); ok {
		viewed := *r
		viewed.Value = view
		r = &viewed
	}
	return t.rows.Write(id, r, &t.event)
}

func (t *recordTable) flush() error { return t.rows.Flush() }
