package tui

import (
	"io"
	"slices"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"github.com/oriel-stream/oriel/stream"
)

// What keys ask before they are offered.

func (u *ui) hasFocus() bool { return u.shown.Focus != nil }
func (u *ui) isZoomed() bool { return u.zoom != 0 }
func (u *ui) hasKeys() bool  { return len(u.shown.Keys) > 1 }
func (u *ui) hasSpecs() bool { return len(u.shown.Specs) > 1 }

// onKeys says that a key is under the cursor.
func (u *ui) onKeys() bool {
	_, ok := u.keys.selected(u.frame())
	return ok && u.active == keysID
}

func (u *ui) canCopy() bool { return u.panels[u.active].copied(u.frame()) != "" }

// zooms says that the chart is there on which zoom and scale act.
func (u *ui) zooms() bool { return u.hasFocus() && u.sees(chartID) }

// sees says that a panel is on the screen.
func (u *ui) sees(id panelID) bool {
	return slices.ContainsFunc(u.plan.regions, func(r region) bool { return r.panel == id })
}

func (u *ui) seesKeys() bool { return u.sees(keysID) && u.hasKeys() }

// sortsPartitions says that it is them that are sorted, and not the keys.
func (u *ui) sortsPartitions() bool {
	return u.active == partitionsID && len(u.shown.Partitions) > 1
}

func (u *ui) canSort() bool { return u.sortsPartitions() || u.seesKeys() }

func (u *ui) hasRows() bool {
	switch u.active {
	case windowsID:
		return windowRows{u.shown.Focus}.len() > 0
	case partitionsID:
		return len(u.shown.Partitions) > 0
	case ledgerID:
		return len(u.shown.Ledger) > 0
	case recordsID:
		return len(u.frame().records()) > 0
	default: // the charts go from key to key
		return u.hasKeys()
	}
}

func (u *ui) canGoBack() bool {
	return u.helping || u.maximised || u.keys.filter != nil || u.rowChosen()
}

// rowChosen reports whether the active panel has a cursor.
func (u *ui) rowChosen() bool {
	switch p := u.panels[u.active].(type) {
	case *windowsPanel:
		return p.chosen
	case *keysPanel:
		return p.chosen
	case *partitionsPanel:
		return p.chosen
	case *ledgerPanel:
		return p.chosen
	case *recordsPanel:
		return p.chosen
	}
	return false
}

// What keys do.

func (u *ui) choosePanel(msg tea.KeyMsg) tea.Cmd {
	u.active = panelID(msg.String()[0] - '1')
	return nil
}

func (u *ui) turnPanel(by panelID) tea.Cmd {
	u.active = (u.active + by + numPanels) % numPanels
	return nil
}

func (u *ui) toggleMaximised(tea.KeyMsg) tea.Cmd {
	u.maximised = !u.maximised
	return nil
}

func (u *ui) zoomBy(by int) tea.Cmd {
	u.zoom = min(maxZoom, max(minZoom, u.zoom+by))
	return nil
}

func (u *ui) zoomReset(tea.KeyMsg) tea.Cmd {
	u.zoom = 0
	return nil
}

func (u *ui) toggleLog(tea.KeyMsg) tea.Cmd {
	u.log = !u.log
	return nil
}

func (u *ui) turnZone(tea.KeyMsg) tea.Cmd {
	u.zone = (u.zone + 1) % zones
	return nil
}

func (u *ui) toggleHelp(tea.KeyMsg) tea.Cmd {
	u.helping, u.helpTop = !u.helping, 0
	return nil
}

func (u *ui) turnOrder(tea.KeyMsg) tea.Cmd {
	if p := u.partitions; u.sortsPartitions() {
		p.order, p.snap = (p.order+1)%partitionOrders, nil
		return nil
	}
	u.keys.turnOrder()
	return nil
}

func (u *ui) openFilter(tea.KeyMsg) tea.Cmd {
	u.filter.open = true
	if !u.seesKeys() {
		u.active = keysID
	}
	return nil
}

// move moves the cursor of the active panel; a chart goes to another key.
func (u *ui) move(delta int) tea.Cmd {
	if !u.panels[u.active].move(u.frame(), delta) {
		return u.goTo(delta)
	}
	return nil
}

// page is how many rows the active panel shows.
func (u *ui) page() int {
	for _, r := range u.plan.regions {
		if r.panel == u.active {
			_, h := r.inner()
			return max(2, h-1)
		}
	}
	return 2
}

// neighbour charts the key before or after.
func (u *ui) neighbour(msg tea.KeyMsg) tea.Cmd {
	if s := msg.String(); s == "left" || s == "[" {
		return u.goTo(-1)
	}
	return u.goTo(1)
}

// goTo charts the key delta rows from the one that was chosen last.
func (u *ui) goTo(delta int) tea.Cmd {
	f := u.frame()
	from := charted(f.snap)
	if u.interest.Chosen {
		from = identity(u.interest)
	}
	if to, ok := u.keys.next(f, from, delta); ok {
		u.keys.reset()
		u.chart(to)
	}
	return nil
}

func (u *ui) chartSelected(tea.KeyMsg) tea.Cmd {
	if k, ok := u.keys.selected(u.frame()); ok {
		u.chart(k)
	}
	return nil
}

// identity is an interest as the list of keys knows it: whatever the spec.
func identity(i stream.Interest) stream.Interest {
	i.Spec, i.Chosen = 0, true
	return i
}

// chart asks the run for another key, on the spec that is shown.
func (u *ui) chart(k stream.Interest) {
	k.Spec = u.specAsked()
	u.ask(k)
}

// specAsked is the spec that was asked for last, or is shown.
func (u *ui) specAsked() int {
	if u.interest.Chosen {
		return u.interest.Spec
	}
	return u.frame().specShown()
}

func (u *ui) nextSpec(tea.KeyMsg) tea.Cmd {
	k := u.interest
	if !k.Chosen {
		k = charted(u.shown)
	}
	k.Spec = (u.specAsked() + 1) % len(u.shown.Specs)
	u.ask(k)
	return nil
}

func (u *ui) ask(k stream.Interest) {
	u.interest = k
	u.refocus = u.paused
	u.panels[windowsID].reset()
	u.panels[recordsID].reset()
	u.cfg.Control.SetInterest(k)
}

func (u *ui) togglePause(tea.KeyMsg) tea.Cmd {
	u.paused, u.refocus = !u.paused, false
	u.pausedAt = u.cfg.Now()
	if !u.paused {
		u.shown = u.live
	}
	return nil
}

// back undoes the last thing that covers another.
func (u *ui) back(tea.KeyMsg) tea.Cmd {
	switch {
	case u.helping:
		u.helping = false
	case u.panels[u.active].reset():
	case u.maximised:
		u.maximised = false
	default:
		u.dropFilter()
		u.applyFilter()
	}
	return nil
}

func (u *ui) quitAndLeave(tea.KeyMsg) tea.Cmd {
	u.leave, u.helping = true, false
	return tea.Quit
}

// copyRow hands what identifies the row under the cursor to the terminal's
// clipboard (OSC 52), also over ssh. It was cleaned: what is pasted into a
// shell must not hold a newline that a record brought along.
func (u *ui) copyRow(tea.KeyMsg) tea.Cmd {
	what := u.panels[u.active].copied(u.frame())
	u.tell("copied " + what)
	out := u.out
	return func() tea.Msg {
		// A terminal that is gone ends the screen by itself.
		_, _ = io.WriteString(out, ansi.SetSystemClipboard(what))
		return nil
	}
}
