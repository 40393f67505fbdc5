package main

import (
	"regexp"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/oriel-stream/oriel/stream"
)

// TestBarFits: a bar that is as wide as the terminal, or wider, would wrap and
// leave its remains behind.
func TestBarFits(t *testing.T) {
	t.Parallel()
	rate := regexp.MustCompile(`\d+ offsets/s`)
	for _, width := range []int{30, 40, 60, 80, 120, 200} {
		for _, total := range []int64{1, 5000, 1_000_000, 3_000_000_000} {
			for _, topics := range [][]string{nil, {"t"}, {"a-topic-with-quite-a-long-name"}, {"a", "b"}} {
				out := newTranscript()
				e := testEnv(nil, nil, out)
				e.stderrWidth = width
				b := &progressBar{env: e, what: barTitle(topics)}
				for part := range int64(4) {
					b.draw(total*part/3, total)
				}
				b.clear()
				if total > 1 && !strings.HasSuffix(out.String(), "\r") || strings.Contains(out.String(), "\n") {
					t.Errorf("the line is not left as it was: %q", out)
				}
				for drawn := range strings.SplitSeq(out.String(), "\r") {
					drawn = rate.ReplaceAllString(drawn, "9999999 offsets/s") // no clock is as fast as this test
					if ansi.StringWidth(drawn) >= width {
						t.Errorf("%d columns of %d: %q", ansi.StringWidth(drawn), width, drawn)
					}
				}
			}
		}
	}
}

// TestBarGivesWay: what is said while it is there stands on a line of its own.
func TestBarGivesWay(t *testing.T) {
	t.Parallel()
	out := newTranscript()
	e := testEnv(nil, nil, out)
	p := &stream.Progress{}
	p.Total.Store(1000)
	p.Offsets.Store(500)
	o := &lineOptions{}
	o.progress = showProgress(t.Context(), e, p, []string{"t"})
	for !strings.Contains(out.String(), "50%") {
		<-out.more
	}
	o.notice(e)(stream.Notice{Text: "lost a broker"})
	o.progress.hide()
	if !regexp.MustCompile(`\x1b\[2K\roriel: lost a broker\n`).MatchString(out.String()) {
		t.Errorf("%q", out)
	}
}

// TestDescribeWraps: the paragraph breaks between words.
func TestDescribeWraps(t *testing.T) {
	t.Parallel()
	s := &stream.Summary{Records: 1_234_567, InTime: 1_200_000, PartlyLate: 34_567, Windows: 1, Lines: 1, Ranges: rangesOf(4)}
	for _, width := range []int{0, 40, 80} {
		text := describe(s, false, width)
		if !strings.HasPrefix(strings.ReplaceAll(text, "\n", " "), "1,234,567 records from 4 partitions: 1,200,000 in time, 34,567 partly late. 1 window closed, 1 line written. ") {
			t.Errorf("%d columns: %s", width, text)
		}
		lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
		for _, line := range lines {
			if width > 0 && len(line) > width || strings.TrimSpace(line) != line {
				t.Errorf("%d columns: %q", width, line)
			}
		}
		if width == 0 && len(lines) != 2 {
			t.Errorf("%d lines: %s", len(lines), text)
		}
	}
}
