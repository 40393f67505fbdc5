package main

import (
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// anyPort is an address to serve metrics at.
const anyPort = "127.0.0.1:0"

var toldMetrics = regexp.MustCompile(`oriel: metrics are at (http://127\.0\.0\.1:\d+/metrics)\n`)

// metricsURL waits until a command has told where its metrics are.
func (r *running) metricsURL() string {
	r.t.Helper()
	r.await(r.stderr, "address of metrics", toldMetrics.MatchString)
	return toldMetrics.FindStringSubmatch(r.stderr.String())[1]
}

// scrape returns the samples at url by name and labels, as in
// name{partition="0",topic="t"}.
func scrape(t testing.TB, url string) map[string]float64 {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{DisableKeepAlives: true}
	resp, err := (&http.Client{Transport: transport, Timeout: patience}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	samples := map[string]float64{}
	for name, f := range families {
		for _, m := range f.GetMetric() {
			var labels []string
			for _, l := range m.GetLabel() {
				labels = append(labels, fmt.Sprintf("%s=%q", l.GetName(), l.GetValue()))
			}
			id := name
			if len(labels) > 0 {
				id += "{" + strings.Join(labels, ",") + "}"
			}
			samples[id] = m.GetCounter().GetValue() + m.GetGauge().GetValue()
		}
	}
	return samples
}

// scrapeUntil scrapes until the samples are as wanted: they are pictures that
// come a little later than what they show.
func scrapeUntil(t testing.TB, url, what string, ok func(map[string]float64) bool) map[string]float64 {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		samples := scrape(t, url)
		if ok(samples) {
			return samples
		}
		if time.Now().After(deadline) {
			t.Fatalf("no scrape shows %s: %v", what, samples)
		}
		time.Sleep(50 * time.Millisecond) // between two scrapes
	}
}

// checkSamples compares samples with the summary of the run.
func checkSamples(t *testing.T, samples map[string]float64, summary string) {
	t.Helper()
	s := readSummary(t, summary)
	want := map[string]int{
		"records_read": int(s.Records), "records_in_time": int(s.InTime), "records_partly_late": s.PartlyLate, "records_filtered": s.Filtered,
		"records_allowed_late": s.AllowedLate, "records_partly_usable": s.PartlyUsable, "windows_closed": s.Windows, "lines_written": s.Lines,
	}
	for name, n := range want {
		if got, ok := samples["oriel_"+name+"_total"]; !ok || int(got) != n {
			t.Errorf("%s: %v, the summary has %d", name, got, n)
		}
	}
	reasons := map[string]int{"late": s.Late, "late_after_idle": s.LateAfterIdle}
	maps.Copy(reasons, s.Rejects)
	for reason, n := range reasons {
		if got := samples[fmt.Sprintf("oriel_records_rejected_total{reason=%q}", reason)]; int(got) != n {
			t.Errorf("rejected as %s: %v, the summary has %d", reason, got, n)
		}
	}
}

// TestMetricsOfATail are those of its summary, and name what holds the watermark.
func TestMetricsOfATail(t *testing.T) {
	t.Parallel()
	addr := brokerWith(t, 2)
	c := newClient(t, addr)
	summary := t.TempDir() + "/summary.json"
	r := start(t, "tail", "t", "-b", addr, "--from", "start", "-w", "1s", "--out-of-orderness", "0s", "-m", "none", "--time", "ts", "--value", "v",
		"--where", `@key != "z"`, "--idle-timeout", "1h", "--summary", summary, "--metrics", anyPort)
	url := r.metricsURL()
	if samples := scrape(t, url); samples["oriel_records_read_total"] != 0 {
		t.Errorf("%v", samples)
	}
	reading := func(partition int32, at int64, key, value string) message {
		m := number(epoch+60_000, key, fmt.Sprintf(`{"ts":%d,"v":%s}`, epoch+at, value))
		m.partition = partition
		return m
	}
	c.produce("t", reading(0, 0, "a", "1"), reading(0, 100, "a", `"no"`), reading(0, 200, "z", "4"), reading(0, 5500, "a", "8"), reading(0, 300, "a", "16"),
		reading(1, 100, "b", "1"), reading(1, 9000, "b", "1"))
	samples := scrapeUntil(t, url, "seven records and what holds", func(m map[string]float64) bool {
		return m["oriel_records_read_total"] == 7 && m[`oriel_watermark_held{reason="quiet"}`] == 1 && m["oriel_windows_closed_total"] == 2
	})
	for id, want := range map[string]float64{
		"oriel_running": 1,
		`oriel_records_rejected_total{reason="not_a_number"}`:                  1,
		`oriel_records_rejected_total{reason="late"}`:                          1,
		"oriel_records_filtered_total":                                         1,
		"oriel_watermark_timestamp_seconds":                                    float64(epoch+5500) / 1000,
		`oriel_partition_position_offset{partition="0",topic="t"}`:             5,
		`oriel_partition_high_watermark_offset{partition="1",topic="t"}`:       2,
		`oriel_partition_consumer_lag_offsets{partition="0",topic="t"}`:        0,
		`oriel_partition_watermark_timestamp_seconds{partition="1",topic="t"}`: float64(epoch+9000) / 1000,
		`oriel_partition_holds_watermark{partition="0",topic="t"}`:             1,
		`oriel_partition_holds_watermark{partition="1",topic="t"}`:             0,
		`oriel_partition_keys{partition="0",topic="t"}`:                        1,
		`oriel_partition_open_windows{partition="0",topic="t"}`:                1,
	} {
		if got, ok := samples[id]; !ok || got != want {
			t.Errorf("%s is %v (there: %v), want %v", id, got, ok, want)
		}
	}
	if samples["oriel_memory_used_bytes"] <= 0 || samples["oriel_watermark_lag_seconds"] == 0 || samples["go_goroutines"] == 0 {
		t.Errorf("%v", samples)
	}
	r.interrupt()
	if code := r.wait(); code != exitDone {
		t.Errorf("exit code %d: %s", code, r.stderr)
	}
	checkSamples(t, samples, summary)
}

// TestMetricsOfAnInput count the lines of a pipe as the summary does.
func TestMetricsOfAnInput(t *testing.T) {
	t.Parallel()
	var lines strings.Builder
	for i := range int64(500) {
		at := epoch + i*100 - i%13*400
		fmt.Fprintf(&lines, `{"topic":"t","partition":0,"offset":%d,"ts":%d,"key":"k%d","payload":"%d"}`+"\n", i, at, i%3, i)
	}
	flags := []string{"--input", "-", "-w", "1s", "-m", "naive", "--format", "number"}
	// Of one partition those windows have closed at the end that the watermark has closed.
	whole := orielWith(t, strings.NewReader(lines.String()), append([]string{"replay"}, flags...)...)
	closed := strings.Count(whole.stdout, `"closed_by":"watermark"`)
	if closed < 100 {
		t.Fatalf("%d windows: %+v", closed, whole)
	}
	summary := t.TempDir() + "/summary.json"
	in, feed := io.Pipe()
	defer feed.Close()
	r := startWith(t, func(e *env) { e.stdin = in }, append(append([]string{"tail"}, flags...), "--summary", summary, "--metrics", anyPort)...)
	url := r.metricsURL()
	if _, err := io.WriteString(feed, lines.String()); err != nil {
		t.Fatal(err)
	}
	samples := scrapeUntil(t, url, "500 records and their windows", func(m map[string]float64) bool {
		return m["oriel_records_read_total"] == 500 && int(m["oriel_windows_closed_total"]) == closed
	})
	r.interrupt()
	if code := r.wait(); code != exitDone {
		t.Fatalf("exit code %d: %s", code, r.stderr)
	}
	if s := readSummary(t, summary); s.Late == 0 || s.Lines != closed {
		t.Errorf("%+v: the input is too orderly to show anything", s)
	}
	if samples["oriel_forecasts_made_total"]+samples["oriel_forecasts_failed_total"] != float64(closed) {
		t.Errorf("%v", samples)
	}
	checkSamples(t, samples, summary)
}

// TestMetricsLeaveLinesAlone: a replay prints the same bytes with them. It is
// scraped while nobody reads what it prints.
func TestMetricsLeaveLinesAlone(t *testing.T) {
	t.Parallel()
	addr := brokerWith(t, 1, manyWindows()...)
	args := []string{"replay", "t", "-b", addr, "-w", "1s", "--format", "number", "-m", "holt"}
	want := oriel(t, args...)
	out, printed := io.Pipe()
	r := startWith(t, func(e *env) { e.stdout = printed }, append(args, "--metrics", anyPort)...)
	samples := scrapeUntil(t, r.metricsURL(), "what was read", func(m map[string]float64) bool { return m["oriel_records_read_total"] > 0 })
	if samples["oriel_running"] != 1 {
		t.Errorf("%v", samples)
	}
	got := make(chan string, 1)
	go func() {
		text, err := io.ReadAll(out)
		if err != nil {
			t.Error(err)
		}
		got <- string(text)
	}()
	if code := r.wait(); code != exitDone {
		t.Errorf("exit code %d: %s", code, r.stderr)
	}
	printed.Close()
	if text := <-got; text != want.stdout || want.stdout == "" {
		t.Errorf("%d bytes with metrics, %d without", len(text), len(want.stdout))
	}
	if without := toldMetrics.ReplaceAllString(r.stderr.String(), ""); without != want.stderr {
		t.Errorf("stderr with metrics: %s\nwithout: %s", without, want.stderr)
	}
}

// TestMetricsWaitForNobody: a command ends although a scraper keeps its
// connection open.
func TestMetricsWaitForNobody(t *testing.T) {
	t.Parallel()
	r := startTail(t, brokerWith(t, 1), "--metrics", anyPort)
	url := r.metricsURL()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimSuffix(strings.TrimPrefix(url, "http://"), "/metrics"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	r.interrupt()
	if code := r.wait(); code != exitDone {
		t.Errorf("exit code %d: %s", code, r.stderr)
	}
}

// TestMetricsOfAScreen are told before it is drawn, and served while there is no
// broker yet.
func TestMetricsOfAScreen(t *testing.T) {
	t.Parallel()
	keys, press := io.Pipe()
	t.Cleanup(func() { press.Close() })
	r := startWith(t, func(e *env) { e.stdin, e.stdoutIsTerminal = keys, true }, "watch", "t", "-b", "127.0.0.1:1", "--metrics", anyPort)
	if samples := scrape(t, r.metricsURL()); samples["oriel_running"] != 0 || samples["go_goroutines"] == 0 {
		t.Errorf("%v", samples)
	}
	r.interrupt()
	if code := r.wait(); code != exitConnection {
		t.Errorf("exit code %d: %s", code, r.stderr)
	}
}

// TestMetricsThatCannotBeServed end every command that has the flag before
// anything is read: there is no such input, and no broker.
func TestMetricsThatCannotBeServed(t *testing.T) {
	t.Parallel()
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", anyPort)
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	inUse := taken.Addr().String()
	for _, command := range []string{"replay t -b 127.0.0.1:1", "tail t -b 127.0.0.1:1", "replay --input /no/such/file"} {
		for _, c := range []complaint{
			{command + " --metrics " + inUse, exitUsage, []string{"--metrics " + inUse + ": ", "address already in use", "a port that is free, 0 for any"}},
			{command + " --metrics 9464", exitUsage, []string{`--metrics "9464" is no HOST:PORT`, "for example 127.0.0.1:9464"}},
			{command + " --metrics localhost:99999", exitUsage, []string{"--metrics localhost:99999: ", "invalid port", "a port that is free"}},
		} {
			c.check(t)
		}
	}
	r := startWith(t, func(e *env) { e.stdoutIsTerminal = true }, "watch", "t", "-b", "127.0.0.1:1", "--metrics", inUse)
	if code := r.wait(); code != exitUsage || !strings.Contains(r.stderr.String(), "--metrics "+inUse+": ") || r.stdout.String() != "" {
		t.Errorf("watch: exit code %d: %s", code, r.stderr)
	}
	if got := oriel(t, "backtest", "t", "--metrics", anyPort); got.code != exitUsage || !strings.Contains(got.stderr, "unknown flag: --metrics") {
		t.Errorf("%+v", got)
	}
}

// TestQuietMetrics are served without a word.
func TestQuietMetrics(t *testing.T) {
	t.Parallel()
	got := orielWith(t, strings.NewReader(envelopeLine(epoch, "1")), "replay", "--input", "-", "--format", "number", "-m", "none", "--quiet", "--metrics", anyPort)
	if got.code != exitDone || got.stderr != "" || got.stdout == "" {
		t.Errorf("%+v", got)
	}
}
