package stream

import (
	"testing"

	"github.com/oriel-stream/oriel/window"
)

func TestWarmUp(t *testing.T) {
	type part = warmPart
	for name, c := range map[string]struct {
		parts []part
		want  window.Time
	}{
		"nothing":                          {nil, window.MinTime},
		"all are on their way":             {[]part{{true, window.MinTime}, {true, window.MinTime}}, window.MaxTime},
		"one has come":                     {[]part{{true, window.MinTime}, {false, 7}}, 7},
		"all have":                         {[]part{{false, 9}, {false, 7}}, 7},
		"one had no time and says nothing": {[]part{{false, 9}, {false, window.MinTime}}, 9},
		"none had":                         {[]part{{false, window.MinTime}, {false, window.MinTime}}, window.MinTime},
	} {
		u := &warmUp{parts: c.parts}
		if got := u.until(); got != c.want {
			t.Errorf("%s: until %v, want %v", name, got, c.want)
		}
	}
	u := &warmUp{}
	u.assign(true)
	u.reported(0, false, 100)
	panes := []*window.Pane{
		{Span: window.Span{End: 100}},
		{Span: window.Span{End: 101}},
		{Span: window.Span{End: 90}, Firing: window.FiredFinal},
		{Span: window.Span{End: 91}, Firing: window.FiredFinal},
	}
	u.hide(panes, 10)
	for i, want := range []bool{true, false, true, false} {
		if panes[i].Hidden != want {
			t.Errorf("pane %d: hidden %v", i, panes[i].Hidden)
		}
	}
}
