package tui

// The screen from 110 columns on; below, the panels stand in one column.
//
//	header                     what is read, the three clocks
//	banner                     paused, trouble (only when there is something)
//	╭ 1 lag ───────╮╭ 4 keys ─╮
//	╭ 2 chart ─────╮│         │
//	│              │╭ 5 part. ╮
//	╭ 3 windows ───╮╭ 6 ledger╮ or 7 models, or both
//	               (8 lattice above the windows where there is room,
//	               9 records in their place when they are looked at)
//	ledger line                what was refused (only when something was)
//	footer                     keys

// panelID names a panel; its digit key is one more.
type panelID int

const (
	lagID panelID = iota
	chartID
	windowsID
	keysID
	partitionsID
	ledgerID
	modelsID
	latticeID
	recordsID
	numPanels
)

// region is a panel's place. Boxed panels have a frame on all sides, others
// only a rule with their title.
type region struct {
	panel      panelID
	x, y, w, h int
	boxed      bool
}

// inner is the size of what the frame encloses.
func (r region) inner() (w, h int) {
	if r.boxed {
		return max(0, r.w-4), max(0, r.h-2)
	}
	return r.w, max(0, r.h-1)
}

// demand is what the layout depends on.
type demand struct {
	width, height int
	active        panelID
	maximised     bool
	// banners is how many lines must be seen; ledger says that there is a
	// ledger line; partitions is how many rows that panel has.
	banners    int
	ledger     bool
	partitions int
}

// plan says how many lines the bars take, and where the panels are: y counts
// from the first line below header and banners.
type plan struct {
	header, banners, ledger, footer int
	body                            int
	regions                         []region
}

// Sizes from which something more is shown.
const (
	twoColumns   = 110 // columns for a second column of panels
	boxedColumns = 60  // columns for frames
	chartAndMore = 11  // lines of the body for a second panel
	inFrames     = 12  // lines of the body for frames around both
	lagToo       = 18  // lines of the body for a third
	keysBelow    = 34  // lines of the body for the keys in the same column
	roomy        = 26  // lines of the right column for three panels
	roomier      = 46  // lines of the right column for four
)

// layout places everything.
func layout(d demand) plan {
	var p plan
	left := d.height
	take := func(n, leave int) int {
		n = max(0, min(n, left-leave))
		left -= n
		return n
	}
	p.header = take(1, 0)
	p.footer = take(1, 1)
	p.banners = take(d.banners, 0)
	if d.ledger {
		p.ledger = take(1, 3)
	}
	p.header += take(1, 5)
	p.body = left
	p.regions = d.place(left)
	return p
}

func (d demand) place(body int) []region {
	if body < 2 || d.width < 1 {
		return nil
	}
	boxed := d.width >= boxedColumns && body >= 5
	if d.maximised || body < chartAndMore {
		return []region{{panel: d.active, w: d.width, h: body, boxed: boxed}}
	}
	if d.width < twoColumns {
		return d.stack(column1(d, body), 0, d.width, body, boxed && body >= inFrames)
	}
	boxed = boxed && body >= inFrames
	right := min(72, max(44, d.width*3/8))
	main := d.stack(leftColumn(d, body), 0, d.width-right, body, boxed)
	return append(main, d.stack(d.rightColumn(body), d.width-right, right, body, boxed)...)
}

// share is a panel with its lines; 0 takes what is left.
type share struct {
	panel panelID
	h     int
}

// column1 is the only column. The last panel gives way to the active one.
func column1(d demand, body int) []share {
	var s []share
	switch {
	case d.active == modelsID && body < keysBelow:
		return []share{{chartID, 0}, {modelsID, min(modelsHeight, body*3/5)}}
	case (d.active == latticeID || d.active == recordsID) && body < keysBelow:
		return []share{{chartID, 0}, {d.active, body * 3 / 5}}
	case body >= keysBelow:
		s = []share{{lagID, lagHeight(body)}, {chartID, body * 3 / 10}, {windowsID, 0}, {keysID, body * 3 / 10}}
	case body >= lagToo:
		s = []share{{lagID, lagHeight(body)}, {chartID, 0}, {windowsID, max(6, body*3/10)}}
		if d.active == partitionsID { // all of them, if they are few
			s[2].h = max(s[2].h, min(d.partitions+3, body*2/5))
		}
	default:
		s = []share{{chartID, 0}, {windowsID, max(5, body*2/5)}}
	}
	return withActive(s, d.active)
}

func leftColumn(d demand, body int) []share {
	s := []share{{chartID, 0}, {windowsID, max(5, body*2/5)}}
	if body >= lagToo {
		s = []share{{lagID, lagHeight(body)}, {chartID, 0}, {windowsID, max(6, body*7/20)}}
	}
	if body >= roomier {
		s = []share{{lagID, lagHeight(body)}, {chartID, 0}, {latticeID, body / 4}, {windowsID, body / 4}}
	}
	if d.active == lagID || d.active == latticeID || d.active == recordsID {
		return withActive(s, d.active)
	}
	return s
}

func (d demand) rightColumn(body int) []share {
	partitions := max(5, min(d.partitions+3, body/4))
	switch {
	case body >= roomier:
		return []share{{keysID, 0}, {modelsID, modelsHeight}, {partitionsID, partitions}, {ledgerID, max(6, body/5)}}
	case body >= roomy:
		return withActive([]share{{keysID, 0}, {partitionsID, partitions}, {ledgerID, max(6, body/4)}}, d.rightPanel())
	case body >= lagToo:
		return withActive([]share{{keysID, 0}, {partitionsID, partitions}}, d.rightPanel())
	}
	return []share{{d.rightPanel(), 0}}
}

// modelsHeight is the height of the models panel beside others: eight models,
// their titles, the score and the pool.
const modelsHeight = 13

// rightPanel is the panel that must be seen in the right column.
func (d demand) rightPanel() panelID {
	if d.active == partitionsID || d.active == ledgerID || d.active == modelsID {
		return d.active
	}
	return keysID
}

// withActive puts the active panel in the last place if it is in none.
func withActive(s []share, active panelID) []share {
	for _, p := range s {
		if p.panel == active {
			return s
		}
	}
	s[len(s)-1].panel = active
	return s
}

// lagHeight is the height of the lag panel.
func lagHeight(body int) int { return max(5, min(10, body/5)) }

// stack turns shares into regions from top to bottom.
func (d demand) stack(shares []share, x, w, h int, boxed bool) []region {
	rest := h
	for _, s := range shares {
		rest -= s.h
	}
	regions := make([]region, 0, len(shares))
	y := 0
	for _, s := range shares {
		if s.h == 0 {
			s.h = rest
		}
		regions = append(regions, region{panel: s.panel, x: x, y: y, w: w, h: s.h, boxed: boxed})
		y += s.h
	}
	return regions
}
