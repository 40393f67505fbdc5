package stream

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/oriel-stream/oriel/window"
)

func begins(kind TroubleKind, source, text string) Notice {
	return Notice{Text: text, Trouble: Trouble{kind, source}}
}

func ends(kind TroubleKind, source, text string) Notice {
	return Notice{Text: text, Trouble: Trouble{kind, source}, Over: true}
}

func textsOf(views []NoticeView) []string {
	var texts []string
	for _, v := range views {
		texts = append(texts, v.Text)
	}
	return texts
}

// TestTroublesEndOnTheirOwn: the end of one leaves the others, and those that are
// shown are in the order of urgency, with the moment in which they began.
func TestTroublesEndOnTheirOwn(t *testing.T) {
	var b noticeBoard
	for _, step := range []struct {
		at    window.Time
		n     Notice
		want  []string
		notes []string
	}{
		{1000, begins(ModelLost, "m", "model"), []string{"model"}, nil},
		{2000, begins(RegistryLost, "", "registry"), []string{"registry", "model"}, nil},
		{3000, begins(BrokerLost, "a", "broker a"), []string{"broker a", "registry", "model"}, nil},
		{4000, begins(BrokerLost, "b", "broker b"), []string{"broker a", "broker b", "registry", "model"}, nil},
		{5000, ends(BrokerLost, "a", "a is back"), []string{"broker b", "registry", "model"}, []string{"a is back"}},
		{6000, Notice{Text: "new partition"}, []string{"broker b", "registry", "model"}, []string{"new partition", "a is back"}},
		{7000, begins(RegistryLost, "", "no schema"), []string{"broker b", "no schema", "model"}, []string{"new partition", "a is back"}},
		{8000, ends(BrokerLost, "c", "c is back"), []string{"broker b", "no schema", "model"}, []string{"new partition", "a is back"}},
		{9000, ends(BrokerLost, "b", ""), []string{"no schema", "model"}, []string{"new partition", "a is back"}},
		{65_000, ends(ModelLost, "m", "answers"), []string{"no schema"}, []string{"answers", "new partition"}},
	} {
		before := b.views
		was := slices.Clone(before)
		b.post(step.n, step.at)
		if got := textsOf(b.views); !slices.Equal(got, step.want) {
			t.Errorf("%+v: %q, want %q", step.n, got, step.want)
		}
		if got := textsOf(b.notes(step.at)); !slices.Equal(got, step.notes) {
			t.Errorf("%+v: notes %q, want %q", step.n, got, step.notes)
		}
		if !slices.Equal(before, was) {
			t.Errorf("%+v changes what a picture shows", step.n)
		}
	}
	if v := b.views[0]; v.At != 2000 {
		t.Errorf("other words begin a trouble anew: %+v", v)
	}
}

// TestTroublesAreBounded: however many there are, the most urgent are held, every
// one is counted, and what began is over when all have ended.
func TestTroublesAreBounded(t *testing.T) {
	var b noticeBoard
	var all []Trouble
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range 5 * maxTroubles {
		kind := NoAnswer + TroubleKind(rng.IntN(numTroubleKinds-1))
		all = append(all, Trouble{kind, strconv.Itoa(i)})
		b.post(Notice{Text: "x", Trouble: all[i]}, 0)
		if n := len(b.lasting) + b.more(); n != i+1 || len(b.lasting) != min(i+1, maxTroubles) || len(b.views) != len(b.lasting) {
			t.Fatalf("%d of %d troubles: %d held, %d words", n, i+1, len(b.lasting), len(b.views))
		}
	}
	most := slices.SortedStableFunc(slices.Values(all), func(x, y Trouble) int { return int(x.Kind) - int(y.Kind) })[:maxTroubles]
	if !slices.Equal(b.lasting, most) {
		t.Errorf("held are %v, want %v", b.lasting, most)
	}
	rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	for i, trouble := range all {
		b.post(Notice{Trouble: trouble, Over: true}, 0)
		if n := len(b.lasting) + b.more(); n != len(all)-i-1 {
			t.Fatalf("%d troubles are left of %d", n, len(all)-i-1)
		}
	}
}

// TestNotesAreBounded: the newest are kept.
func TestNotesAreBounded(t *testing.T) {
	var b noticeBoard
	for i := range 3 * maxHappened {
		b.post(Notice{Text: strconv.Itoa(i)}, window.Time(i))
	}
	got := textsOf(b.notes(100))
	if len(got) != maxHappened || got[0] != strconv.Itoa(3*maxHappened-1) {
		t.Errorf("%q", got)
	}
}

// TestAnsweredIsNoTrouble: whoever answers for the first time ends the trouble that
// nobody did, and no other.
func TestAnsweredIsNoTrouble(t *testing.T) {
	cfg := testConfig()
	board := testBoard(&cfg)
	board.Tell(begins(NoAnswer, "", "connecting"))
	board.Tell(begins(RegistryLost, "", "registry"))
	board.SetConnected()
	if got := textsOf(board.Snapshot().Troubles); !slices.Equal(got, []string{"registry"}) {
		t.Errorf("%q", got)
	}
}
