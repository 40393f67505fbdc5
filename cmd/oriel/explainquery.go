package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/oriel-stream/oriel/window"
)

// explainQuery is the window that explain is asked about: what a person wrote
// of it, or what stands in a line.
type explainQuery struct {
	key    window.Key
	hasKey bool
	// series is nil where it is left open; counted says that the line has none.
	series  *string
	counted bool
	start   window.Time
	// size is 0 where it is left open, and hop is 0 where only a line could say.
	size, hop window.Duration
	offsets   []window.OffsetRange
	// line is the line that is to be checked; nil for none.
	line *givenLine
}

// givenLine is what explain reads of a window line.
type givenLine struct {
	text      []byte
	Type      string  `json:"type"`
	Topic     string  `json:"topic"`
	Key       *string `json:"key"`
	KeyBase64 []byte  `json:"key_base64"`
	Series    *string `json:"series"`
	Start     *int64  `json:"start_ms"`
	Size      int64   `json:"size_ms"`
	Hop       int64   `json:"hop_ms"`
	Revision  int     `json:"revision"`
	ClosedBy  string  `json:"closed_by"`
	Lacks     string  `json:"incomplete"` // start, end or both
	Count     int64   `json:"count"`
	Late      int64   `json:"late"`
	Forecast  *struct {
		Step int64 `json:"step_ms"`
	} `json:"forecast"`
	Offsets []struct {
		Partition int32 `json:"partition"`
		First     int64 `json:"first"`
		Last      int64 `json:"last"`
	} `json:"offsets"`
}

// step is that of the run that printed the line: negative for none, 0 where the
// line does not say. One that does not divide the window is that of a forecast
// from whole windows, which have no steps.
func (l *givenLine) step() window.Duration {
	if l.Forecast == nil || l.Forecast.Step > 0 && l.Size%l.Forecast.Step != 0 {
		return -1
	}
	return window.Duration(max(0, l.Forecast.Step))
}

// cut says that the range of the run that printed the line began inside of the
// window, perhaps: what lies before the line's offsets was not read.
func (l *givenLine) cut() bool {
	return l.Lacks == window.IncompleteStart.String() || l.Lacks == (window.IncompleteStart|window.IncompleteEnd).String()
}

const queryExample = "for example 'key=s-001 start=2026-11-22T06:00:20Z'"

// parseExplainQuery reads a query of the command line: a line, or words like
// key=s-001. now is what times like -15m are relative to.
func parseExplainQuery(words []string, now time.Time) (*explainQuery, error) {
	text := strings.Join(words, " ")
	if strings.HasPrefix(strings.TrimSpace(text), "{") {
		return parseGivenLine([]byte(text))
	}
	q := &explainQuery{}
	var end window.Time
	seen := map[string]bool{}
	for rest := strings.TrimSpace(text); rest != ""; rest = strings.TrimSpace(rest) {
		var w queryWord
		var err error
		if w, rest, err = nextWord(rest); err != nil {
			return nil, err
		}
		if seen[w.name] {
			return nil, fmt.Errorf("%s= is there twice", w.name)
		}
		seen[w.name] = true
		if w.name == "end" {
			end, err = parseEventTime(w.value, now)
		} else {
			err = q.set(w, now)
		}
		if err != nil {
			return nil, fmt.Errorf("%s=%s: %w", w.name, w.value, err)
		}
	}
	if !seen["start"] {
		return nil, fmt.Errorf("say which window: %s", queryExample)
	}
	if seen["end"] {
		if end <= q.start || q.size != 0 && q.size != window.Duration(end-q.start) {
			return nil, fmt.Errorf("end=%v does not fit start=%v and the size", end, q.start)
		}
		q.size = window.Duration(end - q.start)
	}
	return q, nil
}

// queryWord is one name=value of a query.
type queryWord struct {
	name, value string
	quoted      bool
}

// nextWord cuts the first word off a query. A value may be quoted, as in Go and
// JSON.
func nextWord(s string) (w queryWord, rest string, err error) {
	name, rest, found := strings.Cut(s, "=")
	if !found || strings.ContainsAny(name, " \t\"") {
		first, _, _ := strings.Cut(s, " ")
		return w, "", fmt.Errorf("%q is not of the form name=value: %s", first, queryExample)
	}
	w.name = name
	if !strings.HasPrefix(rest, `"`) {
		w.value, rest, _ = strings.Cut(rest, " ")
		return w, rest, nil
	}
	quoted, err := strconv.QuotedPrefix(rest)
	if err == nil {
		w.value, err = strconv.Unquote(quoted)
	}
	if err != nil {
		return w, "", fmt.Errorf("the value of %s= has no closing quote: %s", name, rest)
	}
	w.quoted = true
	return w, rest[len(quoted):], nil
}

// set takes one word but for end=.
func (q *explainQuery) set(w queryWord, now time.Time) error {
	var err error
	switch w.name {
	case "key":
		q.hasKey = true
		q.key = window.Key{Bytes: w.value}
		if w.value == "null" && !w.quoted {
			q.key = window.Key{Null: true}
		}
	case "series":
		q.series = &w.value
	case "start":
		q.start, err = parseEventTime(w.value, now)
	case "size":
		if q.size, err = window.ParseDuration(w.value); err == nil && q.size <= 0 {
			err = errors.New("want a positive size, for example 10s")
		}
	case "offsets":
		q.offsets, err = parseOffsetRanges(w.value)
	default:
		err = errors.New("unknown: use key, start, series, size, end and offsets")
	}
	return err
}

// parseOffsetRanges reads what the offsets of a line say, as 0:120-151,1:4-9.
func parseOffsetRanges(s string) ([]window.OffsetRange, error) {
	var ranges []window.OffsetRange
	for item := range strings.SplitSeq(s, ",") {
		partition, span, ok := strings.Cut(item, ":")
		first, last, two := strings.Cut(span, "-")
		p, err1 := strconv.ParseUint(partition, 10, 31)
		a, err2 := strconv.ParseUint(first, 10, 63)
		b, err3 := strconv.ParseUint(last, 10, 63)
		if !ok || !two || errors.Join(err1, err2, err3) != nil || b < a {
			return nil, fmt.Errorf("%q is not of the form PARTITION:FIRST-LAST, as in 0:120-151", item)
		}
		ranges = append(ranges, window.OffsetRange{Partition: int32(p), First: int64(a), Last: int64(b)})
	}
	return ranges, checkOffsetRanges(ranges)
}

func checkOffsetRanges(ranges []window.OffsetRange) error {
	slices.SortFunc(ranges, func(a, b window.OffsetRange) int { return cmp.Compare(a.Partition, b.Partition) })
	for i, r := range ranges {
		if r.Partition < 0 || r.First < 0 || r.Last < r.First {
			return fmt.Errorf("the offsets %d to %d of partition %d are no range", r.First, r.Last, r.Partition)
		}
		if i > 0 && r.Partition == ranges[i-1].Partition {
			return fmt.Errorf("partition %d is there twice", r.Partition)
		}
	}
	return nil
}

// maxLine bounds what is read of --line.
const maxLine = 16 << 20

// readGivenLine reads the one line of a file.
func readGivenLine(r io.Reader) (*explainQuery, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxLine))
	if err != nil {
		return nil, err
	}
	text = bytes.TrimSpace(bytes.TrimPrefix(text, []byte(byteOrderMark)))
	if n := bytes.Count(text, []byte("\n")); n > 0 {
		return nil, fmt.Errorf("there are %d lines: choose one, for example with sed -n 3p", n+1)
	}
	return parseGivenLine(text)
}

func parseGivenLine(text []byte) (*explainQuery, error) {
	l := &givenLine{text: bytes.TrimSpace(text)}
	if err := json.Unmarshal(l.text, l); err != nil {
		return nil, fmt.Errorf("the line cannot be read: %w", err)
	}
	if l.Type != "window" || l.Start == nil || l.Size <= 0 || l.Hop <= 0 {
		return nil, errors.New("the line is not that of a window: want one that oriel replay or tail printed, with type, start_ms, size_ms and hop_ms")
	}
	q := &explainQuery{
		hasKey: true, series: l.Series, counted: l.Series == nil, line: l,
		start: window.Time(*l.Start), size: window.Duration(l.Size), hop: window.Duration(l.Hop),
	}
	switch {
	case l.KeyBase64 != nil:
		q.key.Bytes = string(l.KeyBase64)
	case l.Key != nil:
		q.key.Bytes = *l.Key
	default:
		q.key.Null = true
	}
	for _, o := range l.Offsets {
		q.offsets = append(q.offsets, window.OffsetRange{Partition: o.Partition, First: o.First, Last: o.Last})
	}
	if err := checkOffsetRanges(q.offsets); err != nil {
		return nil, fmt.Errorf("the line cannot be right: %w", err)
	}
	return q, nil
}
