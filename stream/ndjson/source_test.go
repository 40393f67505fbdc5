package ndjson

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// taken is what one partition received, in words.
type taken struct {
	Assigned stream.Assignment
	Records  []string // offset=payload
	Next     int64    // of Finished; -1 if it never came
}

// drain runs a source with a worker for each partition and returns what they
// received.
func drain(ctx context.Context, s *Source) (map[window.PartitionID]*taken, error) {
	var workers sync.WaitGroup
	var channels []chan stream.Delivery
	got := make(map[window.PartitionID]*taken)
	err := s.Run(ctx, func(a stream.Assignment) (chan<- stream.Delivery, error) {
		in, part := make(chan stream.Delivery, 1), &taken{Assigned: a, Next: -1}
		channels, got[a.ID] = append(channels, in), part
		workers.Go(func() {
			for d := range in {
				part.take(d)
			}
		})
		return in, nil
	})
	for _, in := range channels {
		close(in)
	}
	workers.Wait()
	return got, err
}

func (p *taken) take(d stream.Delivery) {
	switch d.Kind {
	case stream.Data:
		var r stream.Record
		for d.Batch.Next(&r) {
			p.Records = append(p.Records, fmt.Sprintf("%d=%s", r.Offset, r.Value))
		}
		if d.Next != r.Offset+1 || d.Batch.Err() != nil || d.At != window.MinTime {
			p.Records = append(p.Records, fmt.Sprintf("a bad delivery: %+v", d))
		}
		d.Batch.Release()
	case stream.Finished:
		p.Next = d.Next
	default:
		p.Records = append(p.Records, fmt.Sprintf("a delivery of kind %d", d.Kind))
	}
}

// env is an envelope line without much.
func env(topic string, partition int, offset int64, payload string) string {
	return fmt.Sprintf(`{"topic":%q,"partition":%d,"offset":%d,"payload":%q}`, topic, partition, offset, payload)
}

func lines(l ...string) string { return strings.Join(l, "\n") + "\n" }

// pipe hides every method but Read.
func pipe(s string) io.Reader { return struct{ io.Reader }{strings.NewReader(s)} }

// openFile returns a real file that holds text.
func openFile(t *testing.T, text string) *os.File {
	t.Helper()
	name := filepath.Join(t.TempDir(), "input")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	return file
}

func source(t *testing.T, in Input) *Source {
	t.Helper()
	s, err := in.Source()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func id(topic string, partition int32) window.PartitionID {
	return window.PartitionID{Topic: topic, Partition: partition}
}

type result map[window.PartitionID]*taken

const header = `{"oriel":1,"partitions":{"t":{"0":{"start":0,"end":4},"1":{"start":5,"end":8,"log_end":9},"2":{"start":3,"end":3,"log_start":3}},"u":{"0":{"start":0,"end":1}}}}`

var sourceCases = []struct {
	name   string
	text   string
	topics []string
	live   bool
	want   result
	bad    int64
	first  string
}{
	{
		name: "no header",
		text: lines(env("t", 1, 5, "a"), env("t", 0, 0, "b"), "", env("t", 1, 7, "c"), env("u", 0, 2, "d")),
		want: result{
			id("t", 0): {Assigned: stream.Assignment{ID: id("t", 0), Start: 0, End: 1, FromBeginning: true, Before: window.MinTime}, Records: []string{"0=b"}, Next: 1},
			id("t", 1): {Assigned: stream.Assignment{ID: id("t", 1), Start: 5, End: 8, Before: window.MaxTime}, Records: []string{"5=a", "7=c"}, Next: 8},
			id("u", 0): {Assigned: stream.Assignment{ID: id("u", 0), Start: 2, End: 3, Before: window.MaxTime}, Records: []string{"2=d"}, Next: 3},
		},
	},
	{
		name:   "header",
		text:   lines(header, env("t", 1, 5, "a"), env("t", 1, 7, "b"), env("u", 0, 0, "no"), env("t", 0, 1, "c")),
		topics: []string{"t"},
		want: result{
			id("t", 0): {Assigned: stream.Assignment{ID: id("t", 0), Start: 0, End: 4, FromBeginning: true, Before: window.MinTime}, Records: []string{"1=c"}, Next: 4},
			id("t", 1): {Assigned: stream.Assignment{ID: id("t", 1), Start: 5, End: 8, Short: true, Before: window.MaxTime}, Records: []string{"5=a", "7=b"}, Next: 8},
			id("t", 2): {Assigned: stream.Assignment{ID: id("t", 2), Start: 3, End: 3, Before: window.MinTime}, Next: 3},
		},
	},
	{
		name:   "header, lowest partition first",
		text:   lines(header, env("t", 0, 1, "a"), env("t", 1, 6, "b"), env("t", 0, 3, "c")),
		topics: []string{"t"},
		want: result{
			id("t", 0): {Assigned: stream.Assignment{ID: id("t", 0), Start: 0, End: 4, FromBeginning: true, Before: window.MinTime}, Records: []string{"1=a", "3=c"}, Next: 4},
			id("t", 1): {Assigned: stream.Assignment{ID: id("t", 1), Start: 5, End: 8, Short: true, Before: window.MaxTime}, Records: []string{"6=b"}, Next: 8},
			id("t", 2): {Assigned: stream.Assignment{ID: id("t", 2), Start: 3, End: 3, Before: window.MinTime}, Next: 3},
		},
	},
	{
		name: "byte-order mark",
		text: "\ufeff" + lines(env("t", 0, 3, "a"), env("t", 0, 4, "b"), "\ufeff"+env("t", 0, 5, "c")),
		want: result{
			id("t", 0): {Assigned: stream.Assignment{ID: id("t", 0), Start: 3, End: 5, Before: window.MaxTime}, Records: []string{"3=a", "4=b"}, Next: 5},
		},
		bad: 1, first: "line 3: not a JSON object",
	},
	{
		name:   "byte-order mark before the header",
		text:   "\ufeff" + lines(header, env("u", 0, 0, "a")),
		topics: []string{"u"},
		want: result{
			id("u", 0): {Assigned: stream.Assignment{ID: id("u", 0), Start: 0, End: 1, FromBeginning: true, Before: window.MinTime}, Records: []string{"0=a"}, Next: 1},
		},
	},
	{
		name:   "bad lines",
		text:   lines(header, "nonsense", env("t", 1, 4, "low"), env("t", 1, 5, "a"), env("t", 1, 5, "again"), env("t", 1, 8, "high"), env("t", 9, 0, "where"), env("v", 0, 0, "who")) + `{"topic":"t"`,
		topics: []string{"t*"},
		want: result{
			id("t", 0): {Assigned: stream.Assignment{ID: id("t", 0), Start: 0, End: 4, FromBeginning: true, Before: window.MinTime}, Next: 4},
			id("t", 1): {Assigned: stream.Assignment{ID: id("t", 1), Start: 5, End: 8, Short: true, Before: window.MaxTime}, Records: []string{"5=a"}, Next: 8},
			id("t", 2): {Assigned: stream.Assignment{ID: id("t", 2), Start: 3, End: 3, Before: window.MinTime}, Next: 3},
		},
		bad: 6, first: "line 2: not a JSON object",
	},
	{
		name: "bad lines without a header count once",
		text: lines("nonsense", env("t", 0, 3, "a"), env("t", 0, 2, "back")) + env("t", 0, 4, "b"),
		want: result{
			id("t", 0): {Assigned: stream.Assignment{ID: id("t", 0), Start: 3, End: 5, Before: window.MaxTime}, Records: []string{"3=a", "4=b"}, Next: 5},
		},
		bad: 2, first: "line 1: not a JSON object",
	},
	{
		name:   "an open end in the header",
		text:   lines(`{"oriel":1,"partitions":{"t":{"0":{"start":1,"end":null},"1":{"start":2,"end":null}}}}`, env("t", 0, 3, "a")),
		topics: []string{"t"},
		want: result{
			id("t", 0): {Assigned: stream.Assignment{ID: id("t", 0), Start: 1, End: 4, Before: window.MaxTime}, Records: []string{"3=a"}, Next: 4},
			id("t", 1): {Assigned: stream.Assignment{ID: id("t", 1), Start: 2, End: 2, Before: window.MaxTime}, Next: 2},
		},
	},
	{
		name: "live, header",
		text: lines(header, env("t", 0, 3, "a"), env("t", 0, 8, "b"), env("w", 0, 0, "c")), live: true, topics: []string{"t", "w"},
		want: result{
			id("t", 0): {Assigned: stream.Assignment{ID: id("t", 0), Start: 0, End: -1, FromBeginning: true, Before: window.MinTime}, Records: []string{"3=a", "8=b"}, Next: 9},
			id("t", 1): {Assigned: stream.Assignment{ID: id("t", 1), Start: 5, End: -1, Before: window.MaxTime}, Next: 5},
			id("t", 2): {Assigned: stream.Assignment{ID: id("t", 2), Start: 3, End: -1, Before: window.MinTime}, Next: 3},
			id("w", 0): {Assigned: stream.Assignment{ID: id("w", 0), Start: 0, End: -1, FromBeginning: true, Before: window.MinTime}, Records: []string{"0=c"}, Next: 1},
		},
	},
	{
		name: "live", text: lines(env("t", 0, 3, "a"), env("t", 1, 0, "b"), env("t", 0, 4, "c")), live: true,
		want: result{
			id("t", 0): {Assigned: stream.Assignment{ID: id("t", 0), Start: 3, End: -1, Before: window.MaxTime}, Records: []string{"3=a", "4=c"}, Next: 5},
			id("t", 1): {Assigned: stream.Assignment{ID: id("t", 1), Start: 0, End: -1, FromBeginning: true, Before: window.MinTime}, Records: []string{"0=b"}, Next: 1},
		},
	},
}

// TestSource reads every case from a pipe and from a file, with and without a
// sample taken before.
func TestSource(t *testing.T) {
	for _, c := range sourceCases {
		for _, how := range []string{"pipe", "file", "sampled pipe", "sampled file"} {
			t.Run(c.name+", "+how, func(t *testing.T) {
				in := Input{R: pipe(c.text), Topics: c.topics, Live: c.live}
				if strings.HasSuffix(how, "file") {
					in.R = openFile(t, c.text)
				}
				s := source(t, in)
				if strings.HasPrefix(how, "sampled") {
					if _, err := s.Sample(t.Context(), 1); err != nil {
						t.Fatal(err)
					}
				}
				got, err := drain(t.Context(), s)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(map[window.PartitionID]*taken(c.want), got); diff != "" {
					t.Error(diff)
				}
				if n, first := s.BadLines(); n != c.bad || first != c.first {
					t.Errorf("%d bad lines, %q; want %d, %q", n, first, c.bad, c.first)
				}
			})
		}
	}
}

// TestSourceFromPosition starts a file where it stands, as a shell's stdin may.
func TestSourceFromPosition(t *testing.T) {
	skipped := lines(env("t", 0, 0, "skipped"))
	file := openFile(t, skipped+lines(env("t", 0, 1, "a")))
	if _, err := file.Seek(int64(len(skipped)), io.SeekStart); err != nil {
		t.Fatal(err)
	}
	got, err := drain(t.Context(), source(t, Input{R: file}))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"1=a"}, got[id("t", 0)].Records); diff != "" {
		t.Error(diff)
	}
}

// TestSourceGrowingFile appends to a file between its two readings.
func TestSourceGrowingFile(t *testing.T) {
	file := openFile(t, lines(env("t", 0, 1, "a")))
	s := source(t, Input{R: file})
	if _, err := s.Sample(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	more := lines(env("t", 0, 2, "b"), env("t", 1, 0, "c"))
	appending, err := os.OpenFile(file.Name(), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := appending.WriteString(more); err != nil {
		t.Fatal(err)
	}
	if err := appending.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := drain(t.Context(), s)
	if n, _ := s.BadLines(); err != nil || n != 0 || len(got) != 1 || len(got[id("t", 0)].Records) != 1 {
		t.Errorf("%v, %d bad lines, %v", got, n, err)
	}
}

func TestSourceErrors(t *testing.T) {
	for _, c := range []struct {
		name, text, want string
		topics           []string
		live             bool
	}{
		{name: "empty", want: "the input has no lines"},
		{name: "empty, live", want: "the input has no lines", live: true},
		{name: "nothing good", text: "x\ny\n", want: "none of the 2 lines of the input is a record; line 1: not a JSON object"},
		{name: "nothing good below a header", text: lines(header, "x"), want: "none of the 1 lines of the input is a record; line 2: not a JSON object"},
		{name: "unknown topic", text: lines(env("t", 0, 0, ""), env("a", 0, 0, "")), topics: []string{"t", "x"}, want: `topic "x" is not in the input, which has a, t`},
		{name: "unknown topic, live", text: lines(env("t", 0, 0, "")), topics: []string{"x"}, live: true, want: `topic "x" is not in the input, which has t`},
		{name: "unknown topic, header", text: lines(header), topics: []string{"x*"}, want: `topic "x*" is not in the input, which has t, u`},
		{name: "unknown topic beside another, header", text: lines(header, env("t", 0, 0, "")), topics: []string{"t", "x"}, want: `topic "x" is not in the input, which has t, u`},
		{name: "a glob and an internal topic", text: lines(env("__t", 0, 0, "")), topics: []string{"*t"}, want: `topic "*t" is not in the input, which has __t`},
		{name: "version", text: `{"oriel":2,"later":"more"}`, want: "header line: version 2 where 1 is known"},
		{name: "start", text: `{"oriel":1,"partitions":{"t":{"0":{"end":4}}}}`, want: "header line: t/0: no start, or one below 0"},
		{name: "log end", text: `{"oriel":1,"partitions":{"t":{"0":{"start":5,"end":6,"log_end":5}}}}`, want: "header line: t/0: log_end 5 is below end 6"},
		{name: "log start", text: `{"oriel":1,"partitions":{"t":{"0":{"start":5,"end":6,"log_start":6}}}}`, want: "header line: t/0: log_start 6 is above start 5"},
		{name: "end", text: `{"oriel":1,"partitions":{"t":{"0":{"start":5,"end":4}}}}`, want: "header line: t/0: end 4 is below start 5"},
		{name: "number", text: `{"oriel":1,"partitions":{"t":{"x":{"start":5,"end":4}}}}`, want: `header line: partition "x" of topic "t" is not a partition number`},
	} {
		got, err := drain(t.Context(), source(t, Input{R: pipe(c.text), Topics: c.topics, Live: c.live}))
		if !c.live && len(got) > 0 && c.topics != nil {
			t.Errorf("%s: %d partitions were assigned before the error", c.name, len(got))
		}
		if err == nil || err.Error() != c.want {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
		var unknown *UnknownTopicError
		if errors.As(err, &unknown) != strings.HasPrefix(c.name, "unknown") && !strings.HasPrefix(c.name, "a glob") {
			t.Errorf("%s: the error is a %T", c.name, err)
		}
	}
	if _, err := (Input{Topics: []string{"[a"}}).Source(); err == nil {
		t.Error("a bad glob is accepted")
	}
	if _, err := (Input{MaxMemory: -1}).Source(); err == nil {
		t.Error("a negative memory bound is accepted")
	}
}

// TestSourceHeaderOnly is a dump of silent partitions.
func TestSourceHeaderOnly(t *testing.T) {
	got, err := drain(t.Context(), source(t, Input{R: pipe(header)}))
	if err != nil || len(got) != 4 || got[id("t", 1)].Next != 8 {
		t.Errorf("%v, %v", got, err)
	}
}

// TestHeaderRoundTrip writes assignments and reads them back.
func TestHeaderRoundTrip(t *testing.T) {
	want := []stream.Assignment{
		{ID: id("a", 0), Start: 0, End: 5, FromBeginning: true, Before: window.MinTime},
		{ID: id("a", 2), Start: 3, End: 5, Before: window.MinTime, Short: true},
		{ID: id("a", 3), Start: 3, End: 3, Before: 1795327200000},
		{ID: id("b\u00e9\"", 1), Start: 4, End: 4, Before: window.MaxTime},
	}
	got, err := drain(t.Context(), source(t, Input{R: bytes.NewReader(AppendHeader(nil, want))}))
	if err != nil || len(got) != len(want) {
		t.Fatalf("%v, %v", got, err)
	}
	for _, a := range want {
		if diff := cmp.Diff(a, got[a.ID].Assigned); diff != "" {
			t.Error(diff)
		}
	}
}

func TestSourceMemory(t *testing.T) {
	var text strings.Builder
	for i := range 2000 {
		text.WriteString(lines(env("t", i%2, int64(i), strings.Repeat("x", 100))))
	}
	for _, c := range []struct {
		limit int64
		in    string
		fails bool
	}{
		{100_000, text.String(), true},
		{10 << 20, text.String(), false},
		{100_000, lines(`{"oriel":1,"partitions":{"t":{"0":{"start":0,"end":2000},"1":{"start":0,"end":2000}}}}`) + text.String(), false},
	} {
		_, err := drain(t.Context(), source(t, Input{R: pipe(c.in), MaxMemory: c.limit}))
		var memory *MemoryError
		if errors.As(err, &memory) != c.fails || c.fails && !strings.Contains(err.Error(), "--max-memory") {
			t.Errorf("with %d bytes: %v", c.limit, err)
		}
	}
	if _, err := drain(t.Context(), source(t, Input{R: openFile(t, text.String()), MaxMemory: 1})); err != nil {
		t.Errorf("a file needs no memory: %v", err)
	}
}

func TestSample(t *testing.T) {
	many := make([]string, 0, 20)
	for i := range 20 {
		many = append(many, env("t", 3, int64(10+i), strconv.Itoa(i)))
	}
	for _, c := range []struct {
		name, text string
		live       bool
		want       window.PartitionID
		offsets    []int64
	}{
		{name: "the lowest comes last", text: lines(env("t", 2, 5, "a"), env("t", 0, 7, "b"), env("t", 0, 8, "c")), want: id("t", 0), offsets: []int64{7, 8}},
		{name: "no more than asked for", text: lines(many...), want: id("t", 3), offsets: []int64{10, 11, 12}},
		{name: "declared but silent", text: lines(header, env("t", 1, 5, "a"), env("u", 0, 0, "b")), want: id("t", 1), offsets: []int64{5}},
		{name: "nothing", text: lines(header)},
		{name: "live", text: lines(env("t", 2, 5, "a"), env("t", 2, 6, "a"), env("t", 0, 7, "b")), live: true, want: id("t", 2), offsets: []int64{5, 6}},
	} {
		for _, r := range []io.Reader{pipe(c.text), openFile(t, c.text)} {
			sampled, err := source(t, Input{R: r, Live: c.live}).Sample(t.Context(), 3)
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
			var offsets []int64
			for _, s := range sampled {
				if s.ID != c.want {
					t.Errorf("%s: a sample of %v", c.name, s.ID)
				}
				offsets = append(offsets, s.Offset)
			}
			if diff := cmp.Diff(c.offsets, offsets); diff != "" {
				t.Errorf("%s: %s", c.name, diff)
			}
		}
	}
	sampled, err := source(t, Input{R: pipe(lines(many...))}).Sample(t.Context(), 2)
	var payloads [][]byte
	for _, s := range sampled {
		payloads = append(payloads, s.Payload)
	}
	if diff := cmp.Diff([][]byte{[]byte("0"), []byte("1")}, payloads); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
}

// TestSampleStopsEarly samples a pipe that stays open.
func TestSampleStopsEarly(t *testing.T) {
	r, w := io.Pipe()
	defer w.Close()
	go func() {
		var text strings.Builder
		text.WriteString(lines(`{"oriel":1,"partitions":{"t":{"0":{"start":0,"end":900}}}}`))
		for i := range int64(2 * batchRecords) {
			text.WriteString(lines(env("t", 0, i, "x")))
		}
		_, _ = io.WriteString(w, text.String()) // fails once nobody reads
	}()
	s := source(t, Input{R: r})
	sampled, err := s.Sample(t.Context(), 64)
	if err != nil || len(sampled) != 64 {
		t.Errorf("%d records, %v", len(sampled), err)
	}
	r.Close()
}

// TestLiveDeliversAtOnce sees each line before the next is written.
func TestLiveDeliversAtOnce(t *testing.T) {
	r, w := io.Pipe()
	deliveries := make(chan stream.Delivery)
	done := make(chan error, 1)
	s := source(t, Input{R: r, Live: true})
	go func() {
		done <- s.Run(t.Context(), func(stream.Assignment) (chan<- stream.Delivery, error) { return deliveries, nil })
	}()
	for i := range int64(3) {
		if _, err := io.WriteString(w, lines(env("t", 0, i, "x"))); err != nil {
			t.Fatal(err)
		}
		if d := <-deliveries; d.Kind != stream.Data || d.Next != i+1 {
			t.Fatalf("line %d gave %+v", i, d)
		}
	}
	w.Close()
	if d := <-deliveries; d.Kind != stream.Finished || d.Next != 3 {
		t.Errorf("at the end: %+v", d)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

var errCalledOff = errors.New("called off")

// TestSourceCancel ends a run that waits for its input, and one whose
// deliveries nobody takes.
func TestSourceCancel(t *testing.T) {
	t.Run("silent pipe", func(t *testing.T) {
		r, w := io.Pipe()
		defer w.Close() // lets the last read end
		ctx, cancel := context.WithCancelCause(t.Context())
		s := source(t, Input{R: r})
		cancel(errCalledOff)
		if err := s.Run(ctx, nil); !errors.Is(err, errCalledOff) {
			t.Errorf("Run = %v", err)
		}
	})
	t.Run("file", func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(errCalledOff)
		if err := source(t, Input{R: openFile(t, "x\n")}).Run(ctx, nil); !errors.Is(err, errCalledOff) {
			t.Errorf("Run = %v", err)
		}
	})
	t.Run("stuck worker", func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		err := source(t, Input{R: pipe(lines(env("t", 0, 0, "x")))}).Run(ctx, func(stream.Assignment) (chan<- stream.Delivery, error) {
			cancel(errCalledOff)
			return make(chan stream.Delivery), nil
		})
		if !errors.Is(err, errCalledOff) {
			t.Errorf("Run = %v", err)
		}
	})
	t.Run("refused assignment", func(t *testing.T) {
		for _, live := range []bool{false, true} {
			err := source(t, Input{R: pipe(lines(env("t", 0, 0, "x"))), Live: live}).Run(t.Context(), func(stream.Assignment) (chan<- stream.Delivery, error) {
				return nil, errBroken
			})
			if !errors.Is(err, errBroken) {
				t.Errorf("Run = %v", err)
			}
		}
	})
	t.Run("broken input", func(t *testing.T) {
		broken := io.MultiReader(strings.NewReader(lines(env("t", 0, 0, "x"))), brokenReader{})
		if _, err := drain(t.Context(), source(t, Input{R: broken})); !errors.Is(err, errBroken) || !strings.Contains(err.Error(), "behind line 1") {
			t.Errorf("Run = %v", err)
		}
	})
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errBroken }

// TestBatches sees runs cut at their bounds and huge payloads unharmed.
func TestBatches(t *testing.T) {
	huge := strings.Repeat("é\\\"", 3<<20)
	var text strings.Builder
	for i := range int64(600) {
		text.WriteString(lines(env("t", 0, i, "x")))
	}
	text.Write(AppendEnvelope(nil, id("t", 1), &stream.Record{Value: []byte(huge), Headers: []stream.Header{{Key: []byte("h")}}}))
	var sizes []int
	ch := make(chan stream.Delivery, 100)
	s := source(t, Input{R: strings.NewReader(text.String())})
	if err := s.Run(t.Context(), func(stream.Assignment) (chan<- stream.Delivery, error) { return ch, nil }); err != nil {
		t.Fatal(err)
	}
	close(ch)
	for d := range ch {
		if d.Kind != stream.Data {
			continue
		}
		var r stream.Record
		n := 0
		for d.Batch.Next(&r) {
			n++
		}
		sizes = append(sizes, n)
		if n == 1 && (string(r.Value) != huge || len(r.Headers) != 1 || r.Headers[0].Value != nil) {
			t.Errorf("the huge record has %d bytes and headers %v", len(r.Value), r.Headers)
		}
	}
	if diff := cmp.Diff([]int{batchRecords, batchRecords, 600 - 2*batchRecords, 1}, sizes); diff != "" {
		t.Error(diff)
	}
}

// TestLongLine leaves out a line above the bound, in the middle and at the end.
func TestLongLine(t *testing.T) {
	l := newLineReader(newFileFeed(strings.NewReader("short\n" + strings.Repeat("x", 3*chunkSize) + "\nlast\n" + strings.Repeat("y", 2*chunkSize))))
	l.most = chunkSize
	var got []string
	for {
		line, err := l.next(t.Context())
		if errors.Is(err, io.EOF) {
			break
		}
		got = append(got, fmt.Sprint(l.number, " ", string(line), " ", err))
	}
	want := []string{"1 short <nil>", "2  " + errLongLine.Error(), "3 last <nil>", "4  " + errLongLine.Error()}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// FuzzLines cuts a text with chunks of every size as strings.Split does.
func FuzzLines(f *testing.F) {
	f.Add("a\nbb\n\n  \nccc", 1)
	f.Add("a\r\nb\r\n", 3)
	f.Fuzz(func(t *testing.T, text string, size int) {
		feed := newFileFeed(strings.NewReader(text))
		feed.buf = feed.buf[:1+uint(size)%16]
		l := newLineReader(feed)
		for i, want := range strings.Split(text, "\n") {
			if want = strings.TrimSpace(want); want == "" {
				continue
			}
			if got, err := l.next(t.Context()); err != nil || string(got) != want || l.number != int64(i+1) {
				t.Fatalf("line %d is %q, %v; want %d, %q", l.number, got, err, i+1, want)
			}
		}
		if _, err := l.next(t.Context()); !errors.Is(err, io.EOF) {
			t.Errorf("at the end: %v", err)
		}
	})
}

// endless is a dump without an end: the same lines with ever higher offsets
// would cost more than reading them, so the table is rewound instead.
type endless struct{ text, rest []byte }

func (e *endless) Read(b []byte) (int, error) {
	if len(e.rest) == 0 {
		e.rest = e.text
	}
	n := copy(b, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}

// newEndless returns a source whose lines can be read for ever, and a function
// that reads n batches of it.
func newEndless(tb testing.TB) (read func(n int)) {
	tb.Helper()
	var text []byte
	payload := []byte(`{"device":"s-0123","temperature":21.54321,"humidity":40.1,"at":"2026-11-22T06:00:00.000Z","seq":1234567}`)
	for i := range int64(batchRecords) {
		text = append(AppendEnvelope(text, id("sensors", 0), &stream.Record{Offset: i, Timestamp: 1795327200000, Clock: window.ClockCreate, Key: []byte("s-0123"), Value: payload}), '\n')
	}
	s, err := Input{R: &endless{text: text}, Live: true}.Source()
	if err != nil {
		tb.Fatal(err)
	}
	s.lines = newLineReader(newFileFeed(s.in.R))
	s.in.Live = false
	return func(n int) {
		err := s.read(tb.Context(), func(_ *partition, b *batch) error {
			var r stream.Record
			for b.Next(&r) {
			}
			b.Release()
			s.table.rewind()
			if n--; n == 0 {
				return errEnough
			}
			return nil
		})
		if !errors.Is(err, errEnough) {
			tb.Fatal(err)
		}
	}
}

// TestReadDoesNotAllocate allows for what sync.Pool drops at a collection and
// for the few allocations of a batch.
func TestReadDoesNotAllocate(t *testing.T) {
	read := newEndless(t)
	read(10)
	if perRecord := testing.AllocsPerRun(20, func() { read(10) }) / (10 * batchRecords); perRecord > 0.05 {
		t.Errorf("%v allocations a record", perRecord)
	}
}

// BenchmarkRead reads and walks; one operation is a record.
func BenchmarkRead(b *testing.B) {
	read := newEndless(b)
	read(1)
	b.ReportAllocs()
	b.ResetTimer()
	read(1 + b.N/batchRecords)
}

// TestKcat reads what kcat 1.7.1 -J printed of a librdkafka mock cluster.
func TestKcat(t *testing.T) {
	file, err := os.Open(filepath.Join("testdata", "kcat.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	s := source(t, Input{R: file})
	got, err := drain(t.Context(), s)
	if n, first := s.BadLines(); err != nil || n != 0 {
		t.Fatalf("%v, %d bad lines, %s", err, n, first)
	}
	want := map[window.PartitionID]*taken{
		id("tt", 0): {
			Assigned: stream.Assignment{ID: id("tt", 0), End: 3, FromBeginning: true, Before: window.MinTime}, Next: 3,
			Records: []string{"0=v1", "1=\xff{\"a\":1}\x01", "2=nokey"},
		},
		id("tt", 1): {
			Assigned: stream.Assignment{ID: id("tt", 1), End: 2, FromBeginning: true, Before: window.MinTime}, Next: 2,
			Records: []string{"0=", "1={\"t\":\"é\u2028</b>\\\"\"}"},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
