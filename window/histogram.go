package window

import "sort"

// histogram counts lengths of time from 0 on. Below a minute each millisecond
// has a bucket of its own; above, buckets are a second wide up to two hours, a
// minute up to five days, an hour up to a year, a day up to a century, and then
// a year, so that a length is known to within 1.7 %. There are fewer than
// 130,000 buckets, in pages that take memory when something falls in them: at
// most 1.1 MB.
type histogram struct {
	pages []*histogramPage
	count int64
	max   Duration
}

type histogramPage [256]int64

// scale is a run of buckets of one width. first is the number of its first
// bucket, which begins at from, a multiple of the width.
type scale struct {
	from, width Duration
	first       int
}

const (
	second Duration = 1000
	minute          = 60 * second
	hour            = 60 * minute
	day             = 24 * hour
	year            = 365 * day
)

// scales are in ascending order; the last one has no end.
var scales = makeScales(
	scale{from: 0, width: 1},
	scale{from: minute, width: second},
	scale{from: 2 * hour, width: minute},
	scale{from: 5 * day, width: hour},
	scale{from: year, width: day},
	scale{from: 100 * year, width: year},
)

func makeScales(all ...scale) []scale {
	for i := 1; i < len(all); i++ {
		before := all[i-1]
		all[i].first = before.first + int((all[i].from-before.from)/before.width)
	}
	return all
}

// bucketOf is the number of the bucket of a length.
func bucketOf(d Duration) int {
	s := scales[0]
	if d >= scales[1].from {
		s = scales[sort.Search(len(scales), func(i int) bool { return scales[i].from > d })-1]
	}
	return s.first + int((d-s.from)/s.width)
}

// longestIn is the longest length in a bucket.
func longestIn(bucket int) Duration {
	s := scales[sort.Search(len(scales), func(i int) bool { return scales[i].first > bucket })-1]
	return s.from + s.width*Duration(bucket-s.first+1) - 1
}

func (h *histogram) add(d Duration) {
	h.at(bucketOf(d), 1)
	h.count++
	h.max = max(h.max, d)
}

func (h *histogram) at(bucket int, n int64) {
	page := bucket / len(histogramPage{})
	for len(h.pages) <= page {
		h.pages = append(h.pages, nil)
	}
	if h.pages[page] == nil {
		h.pages[page] = new(histogramPage)
	}
	h.pages[page][bucket%len(histogramPage{})] += n
}

// each calls f with the buckets that are not empty, in ascending order, until
// it returns false.
func (h *histogram) each(f func(bucket int, n int64) bool) {
	for i, page := range h.pages {
		if page == nil {
			continue
		}
		for j, n := range page {
			if n > 0 && !f(i*len(page)+j, n) {
				return
			}
		}
	}
}

func (h *histogram) merge(o *histogram) {
	o.each(func(bucket int, n int64) bool {
		h.at(bucket, n)
		return true
	})
	h.count += o.count
	h.max = max(h.max, o.max)
}

// atLeast counts the lengths of d or more. Where d is not the shortest of a
// bucket, those of the same bucket are counted, too.
func (h *histogram) atLeast(d Duration) int64 {
	if h.count == 0 || d > h.max {
		return 0
	}
	shorter, bound := int64(0), bucketOf(d)
	h.each(func(bucket int, n int64) bool {
		if bucket < bound {
			shorter += n
		}
		return bucket < bound
	})
	return h.count - shorter
}

// ranked is the length of that rank, from 1, in ascending order; if its bucket is
// wider than a millisecond, where the next one begins, but at most the longest.
func (h *histogram) ranked(rank int64) Duration {
	ranked := h.max
	h.each(func(bucket int, n int64) bool {
		if rank -= n; rank > 0 {
			return true
		}
		if ranked = longestIn(bucket); ranked >= minute {
			ranked = min(ranked+1, h.max)
		}
		return false
	})
	return ranked
}
