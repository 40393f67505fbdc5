package tui

import "testing"

// TestLayoutTiles holds for every size that the bars and the panels cover each
// cell of the screen exactly once, and that the active panel is among them.
func TestLayoutTiles(t *testing.T) {
	for w := 1; w <= 230; w += 3 {
		for h := 1; h <= 80; h++ {
			for active := range numPanels {
				d := demand{width: w, height: h, active: active, banners: h % 3, ledger: h%2 == 0, partitions: 4, maximised: w%2 == 0}
				checkPlan(t, d, layout(d))
			}
		}
	}
}

func checkPlan(t *testing.T, d demand, p plan) {
	t.Helper()
	if n := p.header + p.banners + p.body + p.ledger + p.footer; n != d.height {
		t.Fatalf("%+v: the bars and the body take %d lines", d, n)
	}
	covered := make([]int, p.body*d.width)
	seen := len(p.regions) == 0
	for _, r := range p.regions {
		seen = seen || r.panel == d.active
		for y := r.y; y < r.y+r.h; y++ {
			for x := r.x; x < r.x+r.w; x++ {
				covered[y*d.width+x]++
			}
		}
	}
	if !seen {
		t.Fatalf("%+v: the active panel is not shown", d)
	}
	for i, n := range covered {
		if n != 1 && len(p.regions) > 0 {
			t.Fatalf("%+v: cell %d,%d is covered %d times by %+v", d, i%d.width, i/d.width, n, p.regions)
		}
	}
}
