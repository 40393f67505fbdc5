package demo

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"hash"
	"math"
	"slices"
	"testing"

	"github.com/oriel-stream/oriel/window"
)

// generate returns the records of n readings, with memory of their own.
func generate(cfg Config, start window.Time, n int64) []record {
	g := newGenerator(cfg, start, n)
	var all []record
	for {
		r, _, ok := g.next(nil, window.MaxTime)
		if !ok {
			return all
		}
		all = append(all, r)
	}
}

// digest adds everything that a consumer sees of a record to h.
func digest(h hash.Hash, partition int, timestamp int64, key, payload []byte) {
	var b []byte
	b = binary.AppendVarint(b, int64(partition))
	b = binary.AppendVarint(b, timestamp)
	for _, field := range [][]byte{key, payload} {
		n := int64(len(field))
		if field == nil {
			n = -1
		}
		b = binary.AppendVarint(b, n)
		b = append(b, field...)
	}
	h.Write(b)
}

func digestAll(records []record) string {
	h := sha256.New()
	for _, r := range records {
		digest(h, r.partition, int64(r.timestamp), r.key, r.payload)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func TestSameSeedSameBytes(t *testing.T) {
	const n = 50_000
	cfg := DefaultConfig()
	got := digestAll(generate(cfg, loadStart, n))
	// The readings are part of what the demo promises: other machines and
	// later versions make the same.
	const want = "f3683a47d0bdc43fabae1aaaf48b51d103bd0579f6e1a91695d31c23dc5aa324"
	if got != want {
		t.Errorf("seed %d: digest %s, want %s", cfg.Seed, got, want)
	}
	cfg.Seed = 2
	if digestAll(generate(cfg, loadStart, n)) == want {
		t.Error("seed 2 makes the bytes of seed 1")
	}
}

// FuzzGenerator checks what holds for every configuration.
func FuzzGenerator(f *testing.F) {
	f.Add(uint64(1), uint16(24), uint8(4), uint16(3000), 200.0)
	f.Add(uint64(2), uint16(1), uint8(1), uint16(500), 0.01)
	f.Add(uint64(3), uint16(300), uint8(255), uint16(3000), 100_000.0)
	f.Add(uint64(4), uint16(7), uint8(3), uint16(3000), 7.3)
	f.Fuzz(func(t *testing.T, seed uint64, sensors uint16, partitions uint8, n uint16, rate float64) {
		cfg := Config{Topic: "t", Rate: rate, Sensors: int(sensors), Partitions: int(partitions), Seed: seed}
		if cfg.Validate() != nil || n == 0 {
			return
		}
		records := generate(cfg, loadStart, int64(n))
		if len(records) != int(n) {
			t.Fatalf("%d readings made %d records", n, len(records))
		}
		end := loadStart.Add(window.Duration(float64(n) * 1000 / rate))
		home := map[string]int{}
		last := window.MinTime
		for i, r := range records {
			checkRecord(t, cfg, r, end)
			if r.timestamp < last {
				t.Fatalf("record %d: timestamp %v after %v", i, r.timestamp, last)
			}
			last = r.timestamp
			if r.key == nil {
				continue
			}
			if p, ok := home[string(r.key)]; ok && p != r.partition {
				t.Fatalf("record %d: key %s in partitions %d and %d", i, r.key, p, r.partition)
			}
			home[string(r.key)] = r.partition
		}
	})
}

// checkRecord checks one record by itself; end is the end of all readings.
func checkRecord(t *testing.T, cfg Config, r record, end window.Time) {
	t.Helper()
	taken := r.eventTime
	// The clock of s-002 is ahead at times. A record of it may have lost its key.
	if taken > r.timestamp && (string(r.key) == "s-002" || r.key == nil) {
		taken = taken.Add(-clockError)
	}
	if r.partition < 0 || r.partition >= cfg.Partitions {
		t.Fatalf("partition %d of %d", r.partition, cfg.Partitions)
	}
	if taken < loadStart || taken > end {
		t.Fatalf("reading at %v, outside %v to %v", taken, loadStart, end)
	}
	const slowest = 20_000 + 8_000
	if lag := r.timestamp - taken; lag < 25 || lag > slowest {
		t.Fatalf("lag %d ms, outside 25 to %d", lag, slowest)
	}
	switch r.flaw {
	case whole, nullKey:
		checkPayload(t, r)
		if r.flaw == nullKey != (r.key == nil) {
			t.Fatalf("key %q with flaw %d", r.key, r.flaw)
		}
	case nullPayload:
		if r.payload != nil {
			t.Fatalf("payload %q is not null", r.payload)
		}
	case emptyPayload:
		if r.payload == nil || len(r.payload) != 0 {
			t.Fatalf("payload %q is not empty", r.payload)
		}
	case truncated:
		if json.Valid(r.payload) || len(r.payload) == 0 {
			t.Fatalf("payload %q is not cut", r.payload)
		}
	case textValue, nanValue:
		if !json.Valid(r.payload) {
			t.Fatalf("payload %q is no JSON", r.payload)
		}
	}
}

// payload is the object that a whole payload holds.
type payload struct {
	Sensor, Site   string
	Temp, Humidity *float64
	Status         string
	TS             *int64
}

func checkPayload(t *testing.T, r record) payload {
	t.Helper()
	var p payload
	d := json.NewDecoder(bytes.NewReader(r.payload))
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil {
		t.Fatalf("payload %s: %v", r.payload, err)
	}
	if p.Temp == nil || p.Humidity == nil || p.TS == nil || p.Site == "" {
		t.Fatalf("payload %s lacks a field", r.payload)
	}
	if *p.TS != int64(r.eventTime) || r.key != nil && p.Sensor != string(r.key) {
		t.Fatalf("payload %s with key %s, event time %d", r.payload, r.key, r.eventTime)
	}
	if *p.Temp < 6 || *p.Temp > 45 || *p.Humidity < 25 || *p.Humidity > 75 {
		t.Fatalf("payload %s is no weather", r.payload)
	}
	if bytes.Index(r.payload, []byte(`"temp"`)) > bytes.Index(r.payload, []byte(`"ts"`)) {
		t.Fatalf("payload %s: ts before temp", r.payload)
	}
	if len(r.payload) < 90 || len(r.payload) > 120 {
		t.Fatalf("payload %s has %d bytes", r.payload, len(r.payload))
	}
	return p
}

func TestPayload(t *testing.T) {
	g := newGenerator(DefaultConfig(), loadStart, 1)
	rd := reading{eventTime: 1795327200123, temp: 2105, humidity: 480}
	whole := `{"sensor":"s-001","site":"berlin-1","temp":21.05,"humidity":48.0,"status":"ok","ts":1795327200123}`
	tests := []struct {
		name string
		flaw flaw
		hot  bool
		want string
	}{
		{name: "whole", want: whole},
		{name: "null key", flaw: nullKey, want: whole},
		{name: "hot", hot: true, want: `{"sensor":"s-001","site":"berlin-1","temp":21.05,"humidity":48.0,"status":"hot","ts":1795327200123}`},
		{name: "text", flaw: textValue, want: `{"sensor":"s-001","site":"berlin-1","temp":"n/a","humidity":48.0,"status":"ok","ts":1795327200123}`},
		{name: "NaN", flaw: nanValue, want: `{"sensor":"s-001","site":"berlin-1","temp":"NaN","humidity":48.0,"status":"ok","ts":1795327200123}`},
		{name: "cut in half", flaw: truncated, want: whole[:len(whole)/2]},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rd := rd
			rd.flaw, rd.hot = tt.flaw, tt.hot
			got, buf := g.sensors[0].appendPayload([]byte("before"), rd)
			if string(got) != tt.want || string(buf) != "before"+tt.want {
				t.Errorf("got %s in %s, want %s", got, buf, tt.want)
			}
		})
	}
}

// TestLateness checks the disorder that windows will meet: how far records are
// behind the newest event time of their partition.
func TestLateness(t *testing.T) {
	const n = 200_000
	cfg := DefaultConfig()
	cfg.Rate = 1000
	newest := slices.Repeat([]window.Time{window.MinTime}, cfg.Partitions)
	late := 0
	end := loadStart.Add(n) // after it nothing moves the newest event time
	for _, r := range generate(cfg, loadStart, n) {
		if r.eventTime > r.timestamp {
			continue // the wrong clock: the guard keeps it from the watermark
		}
		switch behind := newest[r.partition] - r.eventTime; {
		case newest[r.partition] == window.MinTime || behind <= 2000 || r.timestamp > end:
		case behind < 2500 || behind > 8000:
			t.Fatalf("a record is %d ms behind: neither within the bound of 2 s nor late by design", behind)
		default:
			late++
		}
		newest[r.partition] = max(newest[r.partition], r.eventTime)
	}
	within(t, "late records", float64(late)/n, 0.0018, 0.0022)
}

func TestLag(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Partitions = 1 // no silence
	var lags []window.Time
	for _, r := range generate(cfg, loadStart, 100_000) {
		if r.timestamp >= r.eventTime {
			lags = append(lags, r.timestamp-r.eventTime)
		}
	}
	slices.Sort(lags)
	quantile := func(q float64) float64 { return float64(lags[int(q*float64(len(lags)-1))]) }
	within(t, "least lag", quantile(0), 25, 25)
	within(t, "median lag", quantile(0.5), 60, 75)
	within(t, "p90 of the lag", quantile(0.9), 450, 520)
	within(t, "p98.5 of the lag", quantile(0.985), 650, 725)
	within(t, "p99.5 of the lag", quantile(0.995), 725, 1800)
	within(t, "greatest lag", quantile(1), 7000, 8000)
}

func TestSilence(t *testing.T) {
	cfg := DefaultConfig()
	burst := 0
	for _, r := range generate(cfg, loadStart, 54_000) { // 270 s
		at := window.Duration(r.timestamp - loadStart)
		switch in := at % 90_000; {
		case r.partition != cfg.Partitions-1:
		case in >= 60_000 && in < 80_000:
			t.Fatalf("the last partition has a record at %d ms", at)
		case in == 80_000:
			burst++
		}
	}
	// 20 s of 50 records a second, three times.
	within(t, "records held back", float64(burst), 2950, 3050)
}

func TestFlaws(t *testing.T) {
	const n = 400_000
	var count [nullKey + 1]float64
	for i, r := range generate(DefaultConfig(), loadStart, n) {
		if i < 10 && r.flaw != whole {
			t.Errorf("record %d has flaw %d", i, r.flaw)
		}
		count[r.flaw]++
	}
	for f := truncated; f < nullKey; f++ {
		within(t, "share of a kind of broken payload", count[f]/n, 0.00014, 0.00026)
	}
	within(t, "share of null keys", count[nullKey]/n, 0.0004, 0.0006)
}

func TestWrongClock(t *testing.T) {
	wrong := 0
	for _, r := range generate(DefaultConfig(), loadStart, 24_000) { // two minutes
		if r.eventTime < r.timestamp {
			continue
		}
		wrong++
		ahead := r.eventTime - loadStart - 24*3600_000
		if in := ahead % 60_000; in < 30_000 || in >= 35_000 || r.key != nil && string(r.key) != "s-002" {
			t.Errorf("%s is ahead at %d ms", r.key, ahead)
		}
	}
	within(t, "readings ahead", float64(wrong), 82, 86) // two times 5 s of 200/24 a second
}

// TestSignal checks that a sensor's day has a shape and that an anomaly stands
// out of it: a spell is many noises away from the readings before it.
func TestSignal(t *testing.T) {
	cfg := DefaultConfig()
	series := map[string][]payload{}
	for _, r := range generate(cfg, loadStart, 100_000) {
		if r.flaw == whole && r.eventTime < r.timestamp {
			series[string(r.key)] = append(series[string(r.key)], checkPayload(t, r))
		}
	}
	hot := 0
	for name, s := range series {
		slices.SortFunc(s, func(a, b payload) int { return int(*a.TS - *b.TS) })
		low, high := math.Inf(1), math.Inf(-1)
		for i := 1; i < len(s); i++ {
			rise := *s[i].Temp - *s[i-1].Temp
			if started := s[i].Status == "hot" && s[i-1].Status == "ok"; started {
				hot++
				within(t, name+": rise of an anomaly", rise, 10, 14)
			} else if s[i].Status == s[i-1].Status && math.Abs(rise) > 2 {
				t.Errorf("%s: temp jumps by %v at %d", name, rise, *s[i].TS)
			}
			if s[i].Status == "ok" {
				low, high = min(low, *s[i].Temp), max(high, *s[i].Temp)
			}
		}
		within(t, name+": range of a day and the trend", high-low, 3, 14)
	}
	within(t, "anomalies in 500 s", float64(hot), 9, 11)
}

func TestWave(t *testing.T) {
	for at, want := range map[window.Duration]int64{0: 0, 25: 1000, 50: 0, 75: -1000, 100: 0, 110: 640, 160: -640} {
		if got := wave(at, 100); got != want {
			t.Errorf("wave(%d, 100) = %d, want %d", at, got, want)
		}
	}
	for at := window.Duration(0); at < day; at += 37 {
		sine := 1000 * math.Sin(2*math.Pi*float64(at)/float64(day))
		within(t, "wave minus sine", float64(wave(at, day))-sine, -61, 61)
	}
}

// TestPacing checks that records come when their time has come.
func TestPacing(t *testing.T) {
	g := newGenerator(DefaultConfig(), loadStart, 0)
	if _, _, ok := g.next(nil, loadStart.Add(20)); ok {
		t.Error("a record before the shortest delay")
	}
	var stepped []record
	for until := loadStart; until <= loadStart.Add(10_000); until = until.Add(100) {
		for {
			r, _, ok := g.next(nil, until)
			if !ok {
				break
			}
			if r.timestamp > until || r.timestamp <= until.Add(-100) {
				t.Fatalf("a record of %v at %v", r.timestamp, until)
			}
			stepped = append(stepped, r)
		}
	}
	atOnce := generate(DefaultConfig(), loadStart, 4000)
	if digestAll(stepped) != digestAll(atOnce[:len(stepped)]) || len(stepped) < 1900 {
		t.Errorf("%d records in steps are not those made at once", len(stepped))
	}
}

func TestSkipTo(t *testing.T) {
	g := newGenerator(DefaultConfig(), loadStart, 0)
	g.next(nil, loadStart.Add(1000))
	g.skipTo(loadStart.Add(-5000))
	if g.taken > 400 {
		t.Errorf("skipping to the past: reading %d is next", g.taken)
	}
	later := loadStart.Add(3600_000)
	g.skipTo(later)
	for range 500 {
		r, _, ok := g.next(nil, window.MaxTime)
		if !ok {
			t.Fatal("no record")
		}
		if r.eventTime > loadStart.Add(10_000) && r.eventTime < later {
			t.Fatalf("a reading of %v was not left out", r.eventTime)
		}
	}
}

func within(t *testing.T, what string, got, low, high float64) {
	t.Helper()
	if !(got >= low && got <= high) {
		t.Errorf("%s: %v is not between %v and %v", what, got, low, high)
	}
}

func BenchmarkGenerator(b *testing.B) {
	g := newGenerator(DefaultConfig(), loadStart, 0)
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		r, grown, ok := g.next(buf[:0], window.MaxTime)
		if !ok {
			b.Fatal("the generator ran dry")
		}
		buf = grown
		b.SetBytes(int64(len(r.payload)))
	}
}
