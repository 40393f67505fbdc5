package tui

import (
	"context"
	"io"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// ui is the screen: the only bubbletea model. Its panels are plain structs.
type ui struct {
	cfg Config
	ctx context.Context // bounds the commands that wait
	// out takes what goes past the renderer: the clipboard's escape sequence.
	out io.Writer

	commands []command
	short    []*command // those in the footer
	st       styles

	// live is the newest picture, shown the one on the screen: another while
	// paused.
	live, shown *stream.Snapshot
	paused      bool
	pausedAt    time.Time
	// refocus says that a key was chosen while paused: the pause moves on to
	// the first picture that shows it.
	refocus  bool
	interest stream.Interest

	width, height int
	blurred       bool // another window has the keyboard
	active        panelID
	maximised     bool
	helping       bool
	helpTop       int
	zone          zone
	zoom          int
	log           bool
	filter        filterInput
	command       commandLine
	notice        string
	noticeUntil   time.Time

	panels [numPanels]panel
	keys   *keysPanel
	// partitions is what `s` sorts while it has the keyboard.
	partitions *partitionsPanel

	plan plan
	// inspecting says that the run was told that records are shown.
	inspecting bool
	// view is what was drawn last; dirty says that it is out of date.
	view  string
	dirty bool
	// leave says that the last screen stays in the scrollback.
	leave bool
	crash *CrashError
}

func newUI(ctx context.Context, cfg Config, out io.Writer) *ui {
	u := &ui{cfg: cfg, ctx: ctx, out: out, commands: commands(), st: newStyles(cfg.Profile).marked(cfg.ClusterColor), active: chartID, keys: &keysPanel{}, partitions: &partitionsPanel{}}
	u.short = footerKeys(u.commands)
	u.live = &stream.Snapshot{At: u.now(), Watermark: window.MinTime}
	u.shown = u.live
	u.panels = [numPanels]panel{lagPanel{}, chartPanel{}, &windowsPanel{}, u.keys, u.partitions, &ledgerPanel{}, modelsPanel{}, latticePanel{}, &recordsPanel{}}
	return u
}

func (u *ui) now() window.Time { return window.Time(u.cfg.Now().UnixMilli()) }

// The pace of pictures, with the keyboard and without.
const (
	pace        = 100 * time.Millisecond
	blurredPace = time.Second
)

// picture is a new snapshot.
type picture struct{ snap *stream.Snapshot }

// Init takes the first picture at once and waits for the context's end.
func (u *ui) Init() tea.Cmd { return tea.Batch(u.takePicture(0), u.untilDone) }

// untilDone quits when the context is done.
func (u *ui) untilDone() tea.Msg {
	<-u.ctx.Done()
	return tea.QuitMsg{}
}

// takePicture asks the run for a snapshot after a while. It is a command: the
// run may be slow to answer, the screen is not.
func (u *ui) takePicture(after time.Duration) tea.Cmd {
	ctx, control := u.ctx, u.cfg.Control
	return func() tea.Msg {
		timer := time.NewTimer(after)
		defer timer.Stop()
		select {
		case <-timer.C:
			return picture{control.Snapshot()}
		case <-ctx.Done():
			return nil
		}
	}
}

// View returns what Update has drawn: bubbletea asks after every message.
func (u *ui) View() string { return u.view }

// frame is what the screen is drawn from now.
func (u *ui) frame() *frame {
	return &frame{
		snap: u.shown, st: u.st, ascii: u.cfg.ASCII, zoom: u.zoom, log: u.log, active: u.active, paused: u.paused,
		clock: clock{zone: u.zone, local: u.cfg.Local, now: u.shown.At},
	}
}
