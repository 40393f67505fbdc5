package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// rejected is what tests read of a reject line.
type rejected struct {
	Reason    string  `json:"reason"`
	Topic     string  `json:"topic"`
	Partition int     `json:"partition"`
	Offset    int64   `json:"offset"`
	EventTime *int64  `json:"event_ms"`
	Key       *string `json:"key"`
	Bytes     *string `json:"bytes"`
	Series    string  `json:"series"`
	Windows   int     `json:"windows"`
	Of        int     `json:"of"`
}

func parseRejects(t *testing.T, path string) []rejected {
	t.Helper()
	var out []rejected
	for line := range strings.Lines(readFile(t, path)) {
		var r rejected
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		out = append(out, r)
	}
	return out
}

// badValue is a payload and the reason why its value cannot be used, "" if it
// can.
type badValue struct{ payload, reason string }

var badValues = []badValue{
	{`{"temp":1}`, ""},
	{`{"temp":2`, "malformed"},
	{`{"temp":2}}`, "malformed"},
	{`not json`, "malformed"},
	{"\xff\xfe", "malformed"},
	{``, "empty"},
	{`{"humidity":40}`, "no_field"},
	{`{"Temp":40}`, "no_field"},
	{`{}`, "no_field"},
	{`[]`, "no_field"},
	{`{"temp":"n/a"}`, "not_a_number"},
	{`{"temp":""}`, "not_a_number"},
	{`{"temp":true}`, "not_a_number"},
	{`{"temp":null}`, "not_a_number"},
	{`{"temp":{"c":1}}`, "not_a_number"},
	{`{"temp":"NaN"}`, "not_a_number"},
	{`{"temp":NaN}`, "malformed"},
	{`{"temp":1e400}`, "not_finite"},
	{`{"temp":-1e400}`, "not_finite"},
	{`{"temp":"2.5"}`, "not_a_number"},
	{`{"temp":-0.0}`, ""},
	{`{"temp":5e-324}`, ""},
	{`{"temp":1,"temp":9}`, ""},
}

// TestBadValues: a record that cannot be used is a reject with its reason and
// its place, and never ends the run.
func TestBadValues(t *testing.T) {
	t.Parallel()
	var messages []message
	for _, v := range badValues {
		messages = append(messages, number(epoch, "k", v.payload))
	}
	tombstone := message{timestamp: epoch, key: []byte("k")}
	addr := brokerWith(t, 1, append(messages, tombstone)...)
	rejects := filepath.Join(t.TempDir(), "rejects")
	got := oriel(t, "replay", "t", "-b", addr, "-w", "10s", "-m", "none", "--value", "temp", "--rejects", rejects)
	if got.code != exitDone || len(got.lines()) != 1 {
		t.Fatalf("%+v", got)
	}
	if line := parse(t, got.lines()...)[0]; line.Count != 4 || line.Sum != 1+9 {
		t.Errorf("%s", got.stdout)
	}
	all := parseRejects(t, rejects)
	expect := slices.Concat(badValues, []badValue{{"", "null"}})
	for offset, v := range expect {
		if v.reason == "" {
			continue
		}
		if len(all) == 0 {
			t.Fatalf("no reject for offset %d, %q", offset, v.payload)
		}
		r := all[0]
		all = all[1:]
		if r.Offset != int64(offset) || r.Reason != v.reason || r.Windows != 1 || r.Of != 1 || r.EventTime == nil || *r.EventTime != epoch {
			t.Errorf("%q: got %+v, want %s at offset %d", v.payload, r, v.reason, offset)
		}
	}
	if len(all) > 0 {
		t.Errorf("further rejects: %+v", all)
	}
	for _, word := range []string{"1 empty", "1 null", "5 malformed", "4 no field", "7 not a number", "2 not finite"} {
		if !strings.Contains(got.stderr, word) {
			t.Errorf("%q is not in: %s", word, got.stderr)
		}
	}
}

// TestPartlyUsable: of two series one may be unreadable.
func TestPartlyUsable(t *testing.T) {
	t.Parallel()
	addr := brokerWith(t, 1, number(epoch, "k", `{"a":1,"b":"x"}`), number(epoch, "k", `{"a":2,"b":3}`))
	rejects := filepath.Join(t.TempDir(), "rejects")
	got := oriel(t, "replay", "t", "-b", addr, "-w", "10s", "-m", "none", "--value", "a", "--value", "b", "--rejects", rejects)
	lines := parse(t, got.lines()...)
	if got.code != exitDone || len(lines) != 2 || lines[0].Count != 2 || lines[0].Sum != 3 || lines[1].Count != 1 || lines[1].Sum != 3 {
		t.Fatalf("%+v", got)
	}
	if all := parseRejects(t, rejects); len(all) != 1 || all[0].Series != "b" || all[0].Reason != "not_a_number" {
		t.Errorf("%+v", all)
	}
}

// TestHugePayloads: ten megabytes are read whole if they are a record, and
// shown by their beginning if they are none.
func TestHugePayloads(t *testing.T) {
	t.Parallel()
	addr := newBroker(t, kfake.SeedTopics(1, "t"), kfake.BrokerConfigs(map[string]string{"message.max.bytes": "20000000"})).ListenAddrs()[0]
	padding := strings.Repeat("x", 10<<20)
	newClient(t, addr, kgo.ProducerBatchMaxBytes(20_000_000)).produce("t",
		number(epoch, "k", "{"+padding), number(epoch, "k", `{"pad":"`+padding+`","temp":7}`), number(epoch, "k", `{"temp":8}`))
	rejects := filepath.Join(t.TempDir(), "rejects")
	got := oriel(t, "replay", "t", "-b", addr, "-w", "10s", "-m", "none", "--value", "temp", "--rejects", rejects)
	if got.code != exitDone || len(got.lines()) != 1 || parse(t, got.lines()...)[0].Sum != 15 {
		t.Fatalf("%+v", got)
	}
	if all := parseRejects(t, rejects); len(all) != 1 || all[0].Reason != "malformed" || *all[0].Bytes != "{"+padding[:63] {
		t.Errorf("%+v", all)
	}
}

// TestNothingUsable: exit code 1, and the fields that there are.
func TestNothingUsable(t *testing.T) {
	t.Parallel()
	const payload = `{"id":"x","temp":21.5,"ts":"noon","nested":{"humidity":40}}`
	addr := brokerWith(t, 1, number(epoch, "k", payload), number(epoch, "k", payload))
	broken := brokerWith(t, 1, number(epoch, "k", "\x1b[31mred"), number(epoch, "k", "{"))
	empty := brokerWith(t, 1, message{timestamp: epoch}, number(epoch, "k", ""))
	flags := []string{"--quiet", "-m", "none"}
	for _, c := range []complaint{
		{"replay t --value tmep -b " + addr, exitFailed, []string{"no field tmep (--value, ", "did you mean temp?", "id (text), temp (number)", "nested.humidity (number)"}},
		{"replay t --value humidity -b " + addr, exitFailed, []string{"no field humidity", "did you mean nested.humidity?"}},
		{"replay t --value id -b " + addr, exitFailed, []string{"--value id is text", "cannot be read as a value"}},
		{"replay t --time tss -b " + addr, exitFailed, []string{"no field tss (--time, ", "did you mean ts?"}},
		{"replay t --time ts -b " + addr, exitFailed, []string{"--time ts is text", "cannot be read as a time"}},
		{"replay t --key sensor -b " + addr, exitFailed, []string{"no field sensor (--key)", "the fields of t/0 offset 0 are"}},
		{"replay t --format json -b " + broken, exitFailed, []string{`t/0 offset 0 cannot be read as json, it begins "\x1b[31mred"`}},
		{"replay t --value temp -b " + empty, exitFailed, []string{"none of the 2 looked at", "has a payload"}},
	} {
		c.check(t, flags...)
	}
}

// badTime is an event time in the payload and what becomes of it: the reason
// why it is rejected, or the start of its window of ten seconds.
type badTime struct {
	payload string
	reason  string
	start   int64
}

// TestTimes follows the contract: the time in the payload is in milliseconds,
// before and after 1970, between the years 1 and 9999, and not far ahead of
// the Kafka timestamp.
func TestTimes(t *testing.T) {
	t.Parallel()
	const (
		lastOf9999 = 253_402_300_799_999
		firstOf1   = -62_135_596_800_000
	)
	checkTimes(t, lastOf9999, []string{"--time-unit", "ms"}, []badTime{
		{`{"ts":0}`, "", 0},
		{`{"ts":-1}`, "", -10_000},
		{`{"ts":-10000}`, "", -10_000},
		{`{"ts":-62135596800000}`, "", firstOf1},
		{`{"ts":-62135596800001}`, "bad_time", 0},
		{`{"ts":253402300799999}`, "", lastOf9999 - 9_999},
		{`{"ts":253402300800000}`, "bad_time", 0},
		{`{"ts":9223372036854775807}`, "bad_time", 0},
		{`{"ts":9223372036854775808}`, "bad_time", 0},
		{`{"ts":-9223372036854775809}`, "bad_time", 0},
		{`{"ts":1e30}`, "bad_time", 0},
		{`{"ts":1e400}`, "bad_time", 0},
		{`{"ts":"banana"}`, "bad_time", 0},
		{`{"ts":true}`, "bad_time", 0},
		{`{"ts":{}}`, "bad_time", 0},
		{`{"ts":null}`, "no_time", 0},
		{`{"t":1}`, "no_time", 0},
		{`{"ts":`, "malformed", 0},
		{``, "empty", 0},
	})
	// In automatic units magnitude decides: this is 2026 four times.
	checkTimes(t, epoch+300_000, nil, []badTime{
		{fmt.Sprintf(`{"ts":%d}`, epoch/1000), "", epoch},
		{fmt.Sprintf(`{"ts":%d}`, epoch), "", epoch},
		{fmt.Sprintf(`{"ts":%d}`, epoch*1000), "", epoch},
		{fmt.Sprintf(`{"ts":%d}`, epoch*1000_000), "", epoch},
		{`{"ts":"2026-11-22T07:00:00+01:00"}`, "", epoch},
		{fmt.Sprintf(`{"ts":%d}`, epoch+600_000), "", epoch + 600_000},
		{fmt.Sprintf(`{"ts":%d}`, epoch+600_001), "future", 0},
		{fmt.Sprintf(`{"ts":%d}`, epoch+86_400_000), "future", 0},
	})
}

// checkTimes reads each time in a replay of its own, so that none moves the
// watermark of another, from an envelope with that Kafka timestamp.
func checkTimes(t *testing.T, kafkaTime int64, flags []string, times []badTime) {
	t.Helper()
	for _, c := range times {
		rejects := filepath.Join(t.TempDir(), "rejects")
		args := append([]string{"replay", "--input", "-", "--quiet", "-m", "none", "-w", "10s", "--value", "none", "--time", "ts", "--rejects", rejects}, flags...)
		got := orielWith(t, strings.NewReader(envelopeLine(kafkaTime, c.payload)), args...)
		if c.reason == "" {
			if got.code != exitDone || len(got.lines()) != 1 || parse(t, got.lines()...)[0].Start != c.start {
				t.Errorf("%s: %+v, want a window at %d", c.payload, got, c.start)
			}
			continue
		}
		if all := parseRejects(t, rejects); len(all) != 1 || all[0].Reason != c.reason || got.stdout != "" {
			t.Errorf("%s: %+v, stdout %q, want %s", c.payload, all, got.stdout, c.reason)
		}
	}
}

func envelopeLine(timestamp int64, payload string) string {
	text, _ := json.Marshal(map[string]any{"topic": "t", "partition": 0, "offset": 0, "tstype": "create", "ts": timestamp, "payload": payload})
	return string(text) + "\n"
}

// TestNoKafkaTimestamp: -1 is no time where the Kafka timestamp is the event
// time, and no bound where the payload has it.
func TestNoKafkaTimestamp(t *testing.T) {
	t.Parallel()
	const payload = `{"temp":1,"ts":0}`
	args := []string{"replay", "--input", "-", "--quiet", "-m", "none", "--value", "temp"}
	got := orielWith(t, strings.NewReader(envelopeLine(-1, payload)), args...)
	if got.code != exitFailed || got.stdout != "" {
		t.Errorf("%+v", got)
	}
	got = orielWith(t, strings.NewReader(envelopeLine(-1, payload)), append(args, "--time", "ts")...)
	if got.code != exitDone || !strings.Contains(got.stdout, `"lag_ms":null`) {
		t.Errorf("%+v", got)
	}
}

// TestFutureMovesNothing: a clock that is a day ahead costs its own records
// only.
func TestFutureMovesNothing(t *testing.T) {
	t.Parallel()
	at := func(ms, ahead int64) message {
		return number(epoch+ms, "k", fmt.Sprintf(`{"temp":1,"ts":%d}`, epoch+ms+ahead))
	}
	addr := brokerWith(t, 1, at(0, 0), at(1000, 86_400_000), at(2000, 0), at(3000, 300_000), at(4000, 0))
	rejects := filepath.Join(t.TempDir(), "rejects")
	got := oriel(t, "replay", "t", "-b", addr, "-w", "10s", "-m", "none", "--time", "ts", "--value", "temp", "--rejects", rejects)
	all := parseRejects(t, rejects)
	if len(all) != 2 || all[0].Reason != "future" || all[0].Offset != 1 || all[0].Windows != 1 || all[1].Reason != "late" || all[1].Offset != 4 {
		t.Errorf("%+v", all) // 300 s ahead is within the bound, believed, and makes the last one late
	}
	if lines := parse(t, got.lines()...); len(lines) != 2 || lines[0].Count != 2 || lines[1].Start != epoch+300_000 {
		t.Errorf("%s", got.stdout)
	}
}

// strangeKeys are keys that are hard to print.
var strangeKeys = [][]byte{
	nil,
	{},
	[]byte("plain"), []byte("\xff\xfe\x00"), []byte(`say "hi", \o/`), []byte("two\nlines\r\n"), []byte("\x1b[31mred\x1b[0m\a"),
	[]byte("\x1b]0;title\x07"), []byte("tab\there"), []byte("\u202eevil"), []byte("ünïcödé 日本"), []byte("null"), bytes.Repeat([]byte("long"), 500),
}

// TestStrangeKeys are exact in JSON.
func TestStrangeKeys(t *testing.T) {
	t.Parallel()
	addr := brokerWith(t, 1, keyed(strangeKeys)...)
	got := oriel(t, "replay", "t", "-b", addr, "-w", "10s", "-m", "none")
	if got.code != exitDone || len(got.lines()) != len(strangeKeys) {
		t.Fatalf("%+v", got)
	}
	found := map[string]bool{}
	for _, line := range got.lines() {
		var l struct {
			Key       *string `json:"key"`
			KeyBase64 *string `json:"key_base64"`
		}
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		switch {
		case l.KeyBase64 != nil:
			key, err := base64.StdEncoding.DecodeString(*l.KeyBase64)
			if err != nil || l.Key != nil {
				t.Errorf("%s: %v", line, err)
			}
			found[fmt.Sprintf("%q", key)] = true
		case l.Key == nil:
			found["null"] = true
		default:
			found[fmt.Sprintf("%q", *l.Key)] = true
		}
	}
	for _, key := range strangeKeys {
		name := fmt.Sprintf("%q", key)
		if key == nil {
			name = "null"
		}
		if !found[name] {
			t.Errorf("key %.60s is not there", name)
		}
	}
}

func keyed(keys [][]byte) []message {
	var out []message
	for _, key := range keys {
		out = append(out, message{timestamp: epoch, key: key, payload: []byte("1")})
	}
	return out
}

// TestStrangeKeysAreHarmless: in a table no byte of a record can move the
// cursor, change a colour or break a row.
func TestStrangeKeysAreHarmless(t *testing.T) {
	t.Parallel()
	addr := brokerWith(t, 1, keyed(strangeKeys)...)
	got := oriel(t, "replay", "t", "-b", addr, "-w", "10s", "-m", "none", "-o", "table")
	if got.code != exitDone || len(got.lines()) != 1+len(strangeKeys) {
		t.Fatalf("%d rows: %s", len(got.lines()), got.stdout)
	}
	for _, r := range got.stdout {
		if r != '\n' && !unicode.IsPrint(r) {
			t.Errorf("%U in the table:\n%q", r, got.stdout)
		}
	}
	if !strings.Contains(got.stdout, "ünïcödé 日本") || !strings.Contains(got.stdout, "red") {
		t.Errorf("letters are missing:\n%s", got.stdout)
	}
}

// TestStrangeNamesAreHarmless: what a message on stderr quotes is printable.
func TestStrangeNamesAreHarmless(t *testing.T) {
	t.Parallel()
	addr := brokerWith(t, 1, number(epoch, "k", "{\"\\u001b[31mred\":\"\\u001b]0;x\\u0007\"}"))
	got := oriel(t, "replay", "t", "-b", addr, "-m", "none", "--value", "tmep")
	if got.code != exitFailed || !strings.Contains(got.stderr, "red") {
		t.Errorf("%+v", got)
	}
	for _, r := range got.stderr {
		if r != '\n' && !unicode.IsPrint(r) {
			t.Errorf("%U in %q", r, got.stderr)
		}
	}
}

// TestBadEnvelopes: lines of an input that are no envelopes.
func TestBadEnvelopes(t *testing.T) {
	t.Parallel()
	good := envelopeLine(epoch, "1")
	for _, c := range []struct {
		name, input string
		code        int
		says        string
	}{
		{"nothing", "", exitFailed, "the input has no lines"},
		{"no envelope at all", "hello\nworld\n", exitFailed, "none of the 2 lines of the input is a record; line 1"},
		{"one bad line", good + "hello\n", exitIncomplete, "line 2: not a JSON object"},
		{"same offset twice", good + good, exitIncomplete, "line 2: offset 0 of t/0 where 1 or more was due"},
		{"unknown header version", `{"oriel":2}` + "\n" + good, exitFailed, "version 2"},
		{"topic is not there", good, exitUsage, `topic "other" is not in the input, which has t`},
	} {
		args := []string{"replay", "--input", "-", "-m", "none", "-w", "10s"}
		if c.code == exitUsage {
			args = append(args, "other")
		}
		got := orielWith(t, strings.NewReader(c.input), args...)
		if got.code != c.code || !strings.Contains(got.stderr, c.says) || (c.code == exitIncomplete) != (len(got.lines()) == 1) {
			t.Errorf("%s: %+v, want exit code %d and %q", c.name, got, c.code, c.says)
		}
	}
}
