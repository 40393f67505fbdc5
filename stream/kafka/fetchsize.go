package kafka

import "math"

// setsEach is how many record sets of a partition are in memory at most: two
// wait for its worker, which has one, and one is on its way.
const setsEach = 4

// minPartitionBytes is what is asked of a partition at least: with less a
// request brings hardly more than it costs.
const minPartitionBytes = 16 << 10

// fetchSizes are what a request may ask for, of all and of each partition, so
// that the record sets of a number of partitions fit into so many bytes; 0 for
// no bound. loops requests are under way at once. The limits of the config are
// never exceeded. A batch that is larger comes all the same.
func (c Config) fetchSizes(memory int64, partitions, loops int) (all, each int32) {
	all, each = clampSize(c.FetchMaxBytes), clampSize(c.MaxPartitionFetchBytes)
	if memory <= 0 {
		return all, each
	}
	share := memory / setsEach
	each = min(each, clampSize(int(max(minPartitionBytes, share/int64(max(1, partitions))))))
	all = min(all, max(each, clampSize(int(share/int64(max(1, loops))))))
	return all, each
}

func clampSize(n int) int32 { return int32(max(0, min(n, math.MaxInt32))) }
