package kafka

import (
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/oriel-stream/oriel/window"
)

func TestSinceStart(t *testing.T) {
	none := offsetAnswer{-1, -1}
	for name, c := range map[string]struct {
		since        Since
		log          log
		found, dated offsetAnswer
		offset       int64
		whole        bool
	}{
		"from the middle":                     {Since{}, log{0, 100}, offsetAnswer{offset: 40}, none, 40, true},
		"some records further back":           {Since{Records: 32}, log{0, 100}, offsetAnswer{offset: 40}, none, 8, true},
		"not before the log":                  {Since{Records: 32}, log{0, 100}, offsetAnswer{offset: 20}, none, 0, true},
		"the log had more, before all wanted": {Since{Records: 32}, log{10, 100}, offsetAnswer{offset: 20}, none, 10, true},
		"the log had more, perhaps wanted":    {Since{Records: 32}, log{10, 100}, offsetAnswer{offset: 10}, none, 10, false},
		"nothing is as late":                  {Since{}, log{10, 100}, none, none, 100, true},
		"a transaction is open":               {Since{}, log{10, 100}, offsetAnswer{offset: 120}, none, 100, true},
		"every record has a timestamp":        {Since{InPayload: true}, log{10, 100}, offsetAnswer{offset: 40}, offsetAnswer{offset: 10}, 40, true},
		"the first records have none":         {Since{InPayload: true}, log{10, 100}, offsetAnswer{offset: 40}, offsetAnswer{offset: 11}, 10, false},
		"no record has one":                   {Since{InPayload: true}, log{0, 100}, none, none, 0, true},
		"an empty log":                        {Since{InPayload: true}, log{5, 5}, none, none, 5, false},
	} {
		if offset, whole := c.since.start(c.log, c.found, c.dated); offset != c.offset || whole != c.whole {
			t.Errorf("%s: %d, %v; want %d, %v", name, offset, whole, c.offset, c.whole)
		}
	}
}

// testSinceOfABroker: an early record behind a late one is read, too.
func testSinceOfABroker(t *testing.T, c *testCluster) {
	topic := c.topic(t, 2)
	records := numbered(topic, 0, 100)
	records[60].Timestamp, records[20].Timestamp = records[20].Timestamp, records[60].Timestamp
	c.produceBatches(t, append(records, &kgo.Record{Topic: topic, Partition: 1, Value: []byte("early"), Timestamp: records[0].Timestamp}))
	client := c.open(t, c.config())
	for wanted, offset := range map[int64]int64{0: 0, 19: 17, 21: 19, 60: 19, 61: 19, 62: 60, 99: 97, 102: 99} {
		p, err := client.Ranges(t.Context(), []string{topic}, RangeSpec{Bounded: true, Since: &Since{
			Time: window.Time(firstTime + wanted*1000), Slack: 1000, Records: 1, InPayload: wanted%2 == 0,
		}})
		if err != nil {
			t.Fatal(err)
		}
		if a := p.Assignments[0]; a.Start != offset || a.End != 100 || !a.FromBeginning || len(p.Gaps) > 0 {
			t.Errorf("%d s: %+v, %v; want from %d", wanted, a, p.Gaps, offset)
		}
	}
}
