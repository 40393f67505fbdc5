package stream

import (
	"maps"

	"github.com/oriel-stream/oriel/model"
)

// losses counts forecasts that no window is to blame for.
type losses struct {
	// shed were not even started.
	shed int64
	// reasons counts the others by their errors, of which there are few; nil
	// for none.
	reasons map[string]int64
}

// failed counts a forecast that has an error, and says whether it was tried.
func (l *losses) failed(f *Forecast) bool {
	switch {
	case !f.Lost:
	case f.Error == model.LostShed.Error():
		l.shed++
		return false
	default:
		if l.reasons == nil {
			l.reasons = make(map[string]int64)
		}
		l.reasons[f.Error]++
	}
	return true
}

// add adds those of the same model on another key.
func (l *losses) add(o *losses) {
	for reason, n := range o.reasons {
		if l.reasons == nil {
			l.reasons = make(map[string]int64)
		}
		l.reasons[reason] += n
	}
}

// addTo adds the counts to a summary, which has its own copy.
func (l *losses) addTo(s *Summary) {
	s.ForecastsShed, s.ForecastsLost = l.shed, maps.Clone(l.reasons)
}
