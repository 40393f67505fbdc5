package kafka

import (
	"testing"

	"github.com/twmb/franz-go/pkg/kmsg"
)

func TestFetchSizes(t *testing.T) {
	const mib = 1 << 20
	cfg := Config{}.withDefaults()
	small := Config{FetchMaxBytes: 3000, MaxPartitionFetchBytes: 1000}.withDefaults()
	for _, v := range []struct {
		name              string
		cfg               Config
		memory            int64
		partitions, loops int
		all, each         int32
	}{
		{"no bound", cfg, 0, 1000, 6, 50 * mib, mib},
		{"room for all", cfg, 4096 * mib, 4, 2, 50 * mib, mib},
		{"many partitions", cfg, 128 * mib, 256, 4, 8 * mib, mib / 8},
		{"very many", cfg, 64 * mib, 100_000, 8, 2 * mib, minPartitionBytes},
		{"next to nothing", cfg, 1, 1, 2, minPartitionBytes, minPartitionBytes},
		{"the properties are the upper bounds", small, 4096 * mib, 4, 2, 3000, 1000},
		{"also of the least", small, 1, 10, 2, 1000, 1000},
		{"nothing assigned", cfg, 64 * mib, 0, 0, 16 * mib, mib},
	} {
		all, each := v.cfg.fetchSizes(v.memory, v.partitions, v.loops)
		if all != v.all || each != v.each {
			t.Errorf("%s: %d and %d, want %d and %d", v.name, all, each, v.all, v.each)
		}
	}
}

// TestFetchesFitTheMemory: what is asked of a broker follows from the memory and
// the number of partitions, and everything is read all the same.
func TestFetchesFitTheMemory(t *testing.T) {
	k, c := startKfake(t)
	const partitions, memory = 8, 4 << 20
	topic := c.topic(t, partitions)
	for p := range int32(partitions) {
		c.produceBatches(t, numbered(topic, p, 20))
	}
	client := c.open(t, c.config())
	p := plan(t, client, topic, "", "")
	largest := map[string]int32{}
	k.ControlKey(int16(kmsg.Fetch), func(req kmsg.Request) (kmsg.Response, error, bool) {
		k.KeepControl()
		r := req.(*kmsg.FetchRequest)
		largest["all"] = max(largest["all"], r.MaxBytes)
		for _, t := range r.Topics {
			for _, p := range t.Partitions {
				largest["each"] = max(largest["each"], p.PartitionMaxBytes)
			}
		}
		return nil, nil, false
	})
	r := newRecorder(t)
	if err := r.run(t.Context(), client.Source(p.Assignments, Options{MaxMemory: memory})); err != nil {
		t.Fatal(err)
	}
	k.Close() // so that the control function is not running any more
	if want := int32(memory / setsEach / 2); r.total() != partitions*20 || largest["all"] > 2*want || largest["each"] < memory/setsEach/partitions || largest["each"] >= DefaultMaxPartitionFetchBytes {
		t.Errorf("%d records, asked for %v", r.total(), largest)
	}
}
