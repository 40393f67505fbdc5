package metrics

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// picture shows something of everything.
func picture() *stream.Snapshot {
	s := &stream.Snapshot{
		At: 20_500, State: stream.Running, Watermark: 18_000,
		Hold: stream.Hold{Kind: stream.HoldSlow, ID: window.PartitionID{Topic: "t", Partition: 1}},
		Totals: stream.Summary{
			Records: 100, InTime: 60, PartlyLate: 10, AllowedLate: 5, PartlyUsable: 4, Filtered: 12, Windows: 7, Lines: 9,
			ForecastsMade: 6, ForecastsFail: 3, ForecastsShed: 1, ForecastsLost: map[string]int64{"timeout": 2, "too large": 1},
			Gaps: []stream.GapRead{{From: 3, To: 8}, {From: 9, To: 9}},
		},
		Lag:    stream.LagView{Known: true, P50: 1500, P99: 2500, Max: 3000},
		Memory: stream.MemoryView{Used: 1000, Limit: 5000},
		Partitions: []stream.PartitionView{
			{ID: window.PartitionID{Topic: "t"}, Next: 60, LogEnd: 70, Unstable: 5, Newest: 22_000, Watermark: 20_000, Idle: true, Records: 60, Rejected: 8, Keys: 2, OpenWindows: 11},
			{ID: window.PartitionID{Topic: "t", Partition: 1}, Next: 40, LogEnd: -1, Newest: window.MinTime, Watermark: window.MinTime, Records: 40, Rejected: 10, Pause: stream.PausedForDrift},
		},
	}
	s.Totals.Rejects[stream.Late] = 17
	s.Totals.Rejects[stream.Malformed] = 1
	return s
}

// gathered are the families of oriel's own metrics by name, of a picture.
func gathered(t *testing.T, s *stream.Snapshot) map[string]*dto.MetricFamily {
	t.Helper()
	c := &collector{}
	c.newest.Store(s)
	r := prometheus.NewPedanticRegistry()
	r.MustRegister(c)
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string]*dto.MetricFamily{}
	for _, f := range families {
		byName[f.GetName()] = f
	}
	return byName
}

// samples are values by name and labels.
func samples(families map[string]*dto.MetricFamily) map[string]float64 {
	values := map[string]float64{}
	for name, f := range families {
		for _, m := range f.GetMetric() {
			id := []string{name}
			for _, l := range m.GetLabel() {
				id = append(id, l.GetName()+"="+l.GetValue())
			}
			values[strings.Join(id, " ")] = m.GetCounter().GetValue() + m.GetGauge().GetValue()
		}
	}
	return values
}

// TestDocumented: the table of docs/metrics.md has every metric that can be
// served with its type, labels and meaning, and no other.
func TestDocumented(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for line := range strings.Lines(string(page)) {
		if strings.HasPrefix(line, "| `"+prefix) {
			rows = append(rows, strings.TrimSuffix(line, "\n"))
		}
	}
	var want []string
	families := gathered(t, picture())
	for _, m := range table {
		f := families[m.name]
		if f == nil {
			t.Errorf("a picture that shows everything has no %s", m.name)
			continue
		}
		labels := strings.Join(m.labels, "`, `")
		if labels != "" {
			labels = "`" + labels + "`"
		}
		want = append(want, fmt.Sprintf("| %#q | %s | %s | %s |", m.name, strings.ToLower(f.GetType().String()), labels, f.GetHelp()))
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("docs/metrics.md (-metrics +page):\n%s\nthe rows should be\n%s", diff, strings.Join(want, "\n"))
	}
	if len(families) != len(table) {
		t.Errorf("%d metrics are served, %d are in the table", len(families), len(table))
	}
}

// TestNamesAreConventional, in the eyes of Prometheus.
func TestNamesAreConventional(t *testing.T) {
	t.Parallel()
	problems, err := promlint.NewWithMetricFamilies(slices.Collect(maps.Values(gathered(t, picture())))).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

// TestLabelsAreBounded: none of them is made of what records contain.
func TestLabelsAreBounded(t *testing.T) {
	t.Parallel()
	for _, m := range table {
		for _, l := range m.labels {
			if !slices.Contains([]string{"topic", "partition", "reason"}, l) {
				t.Errorf("%s has the label %s", m.name, l)
			}
		}
	}
}

func TestValues(t *testing.T) {
	t.Parallel()
	got := samples(gathered(t, picture()))
	for id, want := range map[string]float64{
		"oriel_records_read_total":                                        100,
		"oriel_records_rejected_total reason=late":                        17,
		"oriel_records_rejected_total reason=malformed":                   1,
		"oriel_records_rejected_total reason=no_field":                    0,
		"oriel_gaps_total":                                                2,
		"oriel_offsets_lost_total":                                        5,
		"oriel_forecasts_lost_total reason=too large":                     1,
		"oriel_watermark_timestamp_seconds":                               18,
		"oriel_watermark_lag_seconds":                                     2.5,
		"oriel_watermark_held reason=slow":                                1,
		"oriel_watermark_held reason=quiet":                               0,
		"oriel_event_time_lag_p99_seconds":                                2.5,
		"oriel_running":                                                   1,
		"oriel_memory_limit_bytes":                                        5000,
		"oriel_partition_high_watermark_offset partition=0 topic=t":       75,
		"oriel_partition_consumer_lag_offsets partition=0 topic=t":        10,
		"oriel_partition_unstable_offsets partition=0 topic=t":            5,
		"oriel_partition_watermark_timestamp_seconds partition=0 topic=t": 20,
		"oriel_partition_holds_watermark partition=0 topic=t":             0,
		"oriel_partition_holds_watermark partition=1 topic=t":             1,
		"oriel_partition_idle partition=0 topic=t":                        1,
		"oriel_partition_paused partition=1 topic=t":                      1,
	} {
		if v, ok := got[id]; !ok || v != want {
			t.Errorf("%s is %v (there: %v), want %v", id, v, ok, want)
		}
	}
	account := got["oriel_records_in_time_total"] + got["oriel_records_partly_late_total"] + got["oriel_records_filtered_total"]
	for id, v := range got {
		if strings.HasPrefix(id, "oriel_records_rejected_total ") {
			account += v
		}
	}
	if account != got["oriel_records_read_total"] {
		t.Errorf("%v records are accounted for", account)
	}
}

// TestTopicsThatAreNoText: those of an input may be any bytes, and stay apart.
func TestTopicsThatAreNoText(t *testing.T) {
	t.Parallel()
	s := picture()
	s.Partitions[0].ID, s.Partitions[1].ID = window.PartitionID{Topic: "t\xff"}, window.PartitionID{Topic: "t\xfe"}
	got := samples(gathered(t, s))
	for id, want := range map[string]float64{
		`oriel_partition_position_offset partition=0 topic="t\xff"`: 60,
		`oriel_partition_position_offset partition=0 topic="t\xfe"`: 40,
	} {
		if v, ok := got[id]; !ok || v != want {
			t.Errorf("%s is %v (there: %v), want %v: %v", id, v, ok, want, got)
		}
	}
}

// TestUnknownIsAbsent: what is not known yet is no 0.
func TestUnknownIsAbsent(t *testing.T) {
	t.Parallel()
	got := samples(gathered(t, &stream.Snapshot{Watermark: window.MinTime, Partitions: picture().Partitions[1:]}))
	for id := range got {
		for _, unknown := range []string{"watermark_timestamp", "watermark_lag", "event_time_lag", "high_watermark", "consumer_lag", "forecasts_lost"} {
			if strings.Contains(id, unknown) {
				t.Errorf("%s is %v", id, got[id])
			}
		}
	}
	if _, ok := got["oriel_running"]; !ok || got["oriel_running"] != 0 {
		t.Errorf("a run that has not begun: %v", got)
	}
}
