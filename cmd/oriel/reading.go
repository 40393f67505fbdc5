package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/stream/decode"
	"github.com/oriel-stream/oriel/stream/kafka"
	"github.com/oriel-stream/oriel/stream/ndjson"
	"github.com/oriel-stream/oriel/window"
)

// reading is an open source with what is known of it before it runs.
type reading struct {
	source stream.Source
	// sample reads the first records of the lowest partition that has any, and
	// await, in a live run, waits for the first n that come. sampled is what
	// was found.
	sample  func(context.Context) ([]decode.Sample, error)
	await   func(ctx context.Context, n int) ([]decode.Sample, error)
	sampled []decode.Sample
	// awaited says that what there was to sample did not tell how to decode, and
	// that more was waited for.
	awaited bool
	// join makes ready to be a member of a group; nil where there are no groups.
	// leave ends a membership.
	join  func(ctx context.Context, group string) (membership, error)
	leave func(context.Context) error
	// paced says that the source goes on with other partitions while one waits.
	paced bool
	// gaps are offsets that were asked for and are gone.
	gaps []stream.GapRead
	// producers are those of --sink, in its order.
	producers []*kafka.Producer
	// bad counts the lines of an input that were left out, and describes the
	// first.
	bad   func() (n int64, first string)
	close func()
}

// fetchShare is which part of --max-memory record sets may take beside it, as
// they come from the brokers.
const fetchShare = 8

// openTopics connects to the cluster and resolves topics and ranges.
func (o *lineOptions) openTopics(ctx context.Context, e *env, patterns []string) (*reading, error) {
	spec, err := o.rangeFlags.spec(e.now(), o.live)
	if err != nil {
		return nil, err
	}
	if o.between.isSet() {
		spec.From, spec.To, spec.Since = kafka.Offsets{}, kafka.Offsets{}, o.between.since
	}
	client, err := o.connectionFlags.open(ctx, e)
	if err != nil {
		return nil, err
	}
	r, err := o.readTopics(ctx, e, client, patterns, spec)
	if err != nil {
		client.Close()
		return nil, err
	}
	return r, nil
}

func (o *lineOptions) readTopics(ctx context.Context, e *env, client *kafka.Client, patterns []string, spec kafka.RangeSpec) (*reading, error) {
	topics, err := client.Resolve(ctx, patterns)
	if err != nil {
		return nil, err
	}
	producers, err := o.producers(ctx, client, topics)
	if err != nil {
		return nil, err
	}
	plan, err := client.Ranges(ctx, topics, spec)
	if err != nil {
		return nil, err
	}
	if o.board != nil {
		o.board.SetConnected()
	}
	options := o.fetching(e)
	following := options
	following.Follow = o.live && spec.Partitions.All() && spec.To.IsZero()
	sampling, err := o.sampling(ctx, client, topics, spec, &plan)
	if err != nil {
		return nil, err
	}
	if o.warmUp > 0 && !o.between.isSet() {
		sampling = slices.Clone(sampling)
		if err := client.WarmUp(ctx, &plan, o.warmUp.std(), options.Now(), options); err != nil {
			return nil, err
		}
	}
	if o.grouped() {
		plan.Gaps, plan.Notes = nil, nil // nobody knows yet what is read
	}
	o.tellAll(e, plan.Notes)
	r := &reading{
		source: client.Source(plan.Assignments, following), paced: true,
		leave:     func(context.Context) error { return nil },
		bad:       func() (int64, string) { return 0, "" },
		gaps:      plan.Gaps,
		producers: producers,
		close:     client.Close,
		sample: func(ctx context.Context) ([]decode.Sample, error) {
			return sampleTopics(ctx, client, sampling, options)
		},
		await: func(ctx context.Context, n int) ([]decode.Sample, error) {
			sampled, err := stream.Sample(ctx, client.Source(plan.Assignments, following), n)
			return samples(sampled), err
		},
	}
	r.join = func(ctx context.Context, group string) (membership, error) {
		var begins []stream.Assignment
		if r.awaited {
			begins = plan.Assignments // or what came meanwhile would be left out
		}
		return o.joinGroup(ctx, client, group, topics, begins, e.now(), options)
	}
	return r, nil
}

// fetching says how records are fetched.
func (o *lineOptions) fetching(e *env) kafka.Options {
	return kafka.Options{
		Now:    func() window.Time { return window.Time(e.now().UnixMilli()) },
		Notice: o.notice(e), MaxMemory: int64(o.maxMemory) / fetchShare,
	}
}

// joinGroup makes ready to be a member of a group. Where that stands nowhere, it
// reads what begins has from its start on, and the others from --from on.
func (o *lineOptions) joinGroup(ctx context.Context, client *kafka.Client, group string, topics []string, begins []stream.Assignment, now time.Time, options kafka.Options) (membership, error) {
	from, err := kafka.ParseOffsets(o.from, now)
	if err != nil {
		return nil, err
	}
	return client.Join(ctx, group, topics, from, begins, options)
}

// sampling returns the ranges of which the first records tell how to decode.
func (o *lineOptions) sampling(ctx context.Context, client *kafka.Client, topics []string, spec kafka.RangeSpec, plan *kafka.Plan) ([]stream.Assignment, error) {
	switch {
	case o.live:
		return newest(ctx, client, topics, spec.Partitions)
	case o.between.isSet():
		return whole(*plan), nil
	default:
		return plan.Assignments, nil
	}
}

// newest returns the ranges of the last records: a tail begins where nothing
// is, so how to decode is learnt from what came before.
func newest(ctx context.Context, client *kafka.Client, topics []string, partitions kafka.Selection) ([]stream.Assignment, error) {
	from, err := kafka.ParseOffsets(fmt.Sprintf("-%d", sampleSize), time.Time{})
	if err != nil {
		return nil, err
	}
	plan, err := client.Ranges(ctx, topics, kafka.RangeSpec{Partitions: partitions, From: from, Bounded: true})
	return plan.Assignments, err
}

// sampleTopics reads the first records of the lowest partition that has any.
func sampleTopics(ctx context.Context, client *kafka.Client, ranges []stream.Assignment, options kafka.Options) ([]decode.Sample, error) {
	for _, a := range ranges {
		if a.End >= 0 && a.Start >= a.End {
			continue
		}
		sampled, err := stream.Sample(ctx, client.Source([]stream.Assignment{a}, options), sampleSize)
		if err != nil || len(sampled) > 0 {
			return samples(sampled), err
		}
	}
	return nil, nil
}

func samples(in []stream.Sampled) []decode.Sample {
	var out []decode.Sample
	for _, s := range in {
		out = append(out, decode.Sample(s))
	}
	return out
}

// openInput opens an envelope file or stdin.
func (o *lineOptions) openInput(e *env, topics []string) (*reading, error) {
	file, err := e.open(o.input)
	if err != nil {
		return nil, usagef("--input: %w", err)
	}
	src, err := ndjson.Input{R: file, Topics: topics, MaxMemory: int64(o.maxMemory), Live: o.live}.Source()
	if err != nil {
		_ = file.Close()
		return nil, usageError{err}
	}
	await := func(ctx context.Context, n int) ([]decode.Sample, error) {
		sampled, err := src.Sample(ctx, n)
		return samples(sampled), err
	}
	sample := func(ctx context.Context) ([]decode.Sample, error) { return await(ctx, sampleSize) }
	switch {
	case o.live && isSeekable(file):
		sample = func(ctx context.Context) ([]decode.Sample, error) { return o.sampleFile(ctx, e, topics) }
	case o.live:
		// More would be waiting for lines that may not come.
		sample = func(ctx context.Context) ([]decode.Sample, error) { return await(ctx, 1) }
	}
	return &reading{
		source: src,
		leave:  func(context.Context) error { return nil },
		bad:    src.BadLines,
		close:  func() { _ = file.Close() },
		sample: sample,
		await:  await,
	}, nil
}

// isSeekable says that a file is no pipe: every file has the method.
func isSeekable(file io.Reader) bool {
	s, ok := file.(io.Seeker)
	if !ok {
		return false
	}
	_, err := s.Seek(0, io.SeekCurrent)
	return err == nil
}

// sampleFile looks at the file of a live run as a bounded one does, so that both
// take the same fields.
func (o *lineOptions) sampleFile(ctx context.Context, e *env, topics []string) ([]decode.Sample, error) {
	file, err := e.open(o.input)
	if err != nil {
		return nil, usagef("--input: %w", err)
	}
	defer file.Close()
	src, err := ndjson.Input{R: file, Topics: topics, MaxMemory: int64(o.maxMemory)}.Source()
	if err != nil {
		return nil, usageError{err}
	}
	sampled, err := src.Sample(ctx, sampleSize)
	return samples(sampled), err
}
