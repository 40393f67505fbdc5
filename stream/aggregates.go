package stream

// Aggregates name what a line has of a window beyond what every line has, as
// the names were given, each in the order of the pane's values. Sinks are told
// once: a pane has the values alone.
type Aggregates struct {
	Quantiles []string // p50
	Distinct  []string // paths
	Rate      bool
}
