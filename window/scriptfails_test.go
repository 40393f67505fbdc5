package window

import "testing"

// TestScriptsThatMustFail: a script that says what is not so fails, and says
// where and why. A runner that looks away would pass everything.
func TestScriptsThatMustFail(t *testing.T) {
	const closed = "# It fails.\nwindows 10s\nout-of-orderness 0s\nevent p0 k=a t=1s v=1\nevent p0 k=a t=10s v=2\n"
	const late = "# It fails.\nwindows 10s\nout-of-orderness 0s\nevent p0 t=20s v=1\nevent p0 t=1s v=2\n"
	const two = "# It fails.\nwindows 10s\nout-of-orderness 0s\npartitions 2\n"
	for name, test := range map[string]struct{ script, want string }{
		"an unexpected pane, at the end": {
			closed + "expect watermark 10s", "6: a pane has come out before that was not expected: [0s,10s) k=a series=v count=1 sum=1",
		},
		"an unexpected pane, before the next action": {
			closed + "event p0 k=a t=11s v=4\nexpect pane k=a [0s,10s) count=1",
			"6: a pane has come out before that was not expected: [0s,10s) k=a series=v count=1 sum=1",
		},
		"nothing, where a pane came": {
			closed + "expect nothing", "6: a pane came out: [0s,10s) k=a series=v count=1 sum=1",
		},
		"a pane, where nothing came": {
			closed + "expect pane k=a [0s,10s) count=1\nexpect pane k=a [10s,20s) count=1", "7: no pane has come out",
		},
		"another window": {
			closed + "expect pane k=a [1s,11s) count=1", "6: the pane is [0s,10s) k=a series=v count=1 sum=1",
		},
		"another value": {
			closed + "expect pane k=a [0s,10s) count=1 sum=3",
			"6: the pane has sum=1 and not 3: [0s,10s) k=a series=v count=1 sum=1",
		},
		"another key": {
			closed + "expect pane k=b [0s,10s) count=1", "6: the pane has k=a and not b: [0s,10s) k=a series=v count=1 sum=1",
		},
		"a field that is not mentioned and not as usual": {
			"# It fails.\nwindows 10s\nevent p0 t=1s v=1\nfinish\nexpect pane [0s,10s) count=1 closed_by=end_of_input",
			"5: the pane has incomplete=end and not no: [0s,10s) series=v closed_by=end_of_input incomplete=end count=1 sum=1",
		},
		"panes in another order": {
			"# It fails.\nwindows 10s\nout-of-orderness 0s\nevent p0 k=a t=1s v=1\nevent p0 k=b t=1s v=2\nevent p0 t=10s v=4\n" +
				"expect pane k=b [0s,10s) count=1",
			"7: the pane has k=a and not b: [0s,10s) k=a series=v count=1 sum=1",
		},
		"a verdict that is not looked at": {
			late + "event p0 t=21s v=4\nexpect watermark 21s", "6: a verdict was not expected: late lost=1 late=0 of=1 offset=1",
		},
		"a verdict that is not looked at, at the end": {
			late + "expect watermark 20s", "6: a verdict was not expected: late lost=1 late=0 of=1 offset=1",
		},
		"another verdict":          {late + "expect verdict in-time", "6: the verdict is late lost=1 late=0 of=1 offset=1"},
		"another number of losses": {late + "expect verdict late lost=2", "6: the verdict is late lost=1 late=0 of=1 offset=1"},
		"another number of windows": {
			late + "expect verdict late lost=1 of=2", "6: the verdict is late lost=1 late=0 of=1 offset=1",
		},
		"a verdict on another record": {late + "expect verdict late lost=1 offset=0", "6: the verdict is late lost=1 late=0 of=1 offset=1"},
		"a record that waits": {
			"# It fails.\nwindows 10s\nevent-time create\nevent p0 t=1s v=1\nfinish\nexpect nothing",
			"5: a verdict was not expected: waits lost=0 late=0 of=0 offset=0",
		},
		"a verdict on nothing": {
			late + "expect verdict late lost=1\nexpect verdict late lost=1", "7: no record has come since the last verdict",
		},
		"another watermark":                {late + "expect watermark 19s", "6: the watermark is 20s"},
		"another watermark of a partition": {late + "expect watermark p0 unknown", "6: the watermark is 20s"},
		"held by another":                  {two + "event p0 t=1s v=1\nexpect holds p0", "6: the watermark is held by p1"},
		"idle, where it is not":            {two + "caught-up p1\nnow +4s\nexpect idle p1", "7: p1: idle is false"},
		"not idle, where it is":            {two + "caught-up p1\nnow +5s\nexpect not-idle p1", "7: p1: idle is true"},
		"the clock goes back":              {two + "now 5s\nnow 4s\nexpect nothing", "6: the clock stands at 5s and does not go back to 4s"},
		"a partition that is not there":    {two + "event p2 t=1s v=1\nexpect nothing", "5: there is no p2"},
		"one interleaving gives something else": {
			two + "interleavings all\nevent p0 t=1s v=1\nevent p1 t=2s v=2\nfinish\n" +
				"expect pane [0s,10s) count=1 closed_by=end_of_input incomplete=end",
			"9: the pane has count=2 and not 1: [0s,10s) series=v closed_by=end_of_input incomplete=end count=2 sum=3",
		},
		"interleavings with a clock": {
			two + "interleavings all\nnow 1s\nexpect nothing",
			"6: interleavings need records, finish, and then what is expected",
		},

		"no comment":                {"windows 10s", "1: the file must start with a comment that says what it shows"},
		"no windows":                {"# It fails.\nexpect nothing", "1: windows are missing"},
		"nothing is expected":       {"# It fails.\nwindows 10s\nevent p0 t=1s v=1", "1: nothing is expected"},
		"an unknown word":           {"# It fails.\nwindow 10s", "2: unknown: window"},
		"an unknown expectation":    {"# It fails.\nwindows 10s\nexpect peace", "3: unknown: expect peace"},
		"an unknown field":          {closed + "expect pane k=a [0s,10s) count=1 sun=1", "6: unknown: sun=1"},
		"a pane without its count":  {closed + "expect pane k=a [0s,10s)", "6: count is missing"},
		"a pane without its window": {closed + "expect pane k=a count=1", "6: the window [START,END) is missing"},
		"a pane without its series": {
			"# It fails.\nwindows 10s\nvalues x y\nexpect pane [0s,10s) count=1", "4: series is missing",
		},
		"a setting that comes too late": {
			closed + "windows 1s\nexpect nothing", "6: windows is a setting and stands before the first action",
		},
		"settings before the first scene": {
			"# It fails.\nwindows 10s\nscene one\nwindows 10s\nexpect nothing", "2: only comments stand before the first scene",
		},
		"a wrong window": {"# It fails.\nwindows 1s/2s", `2: window "1s/2s": the hop 2s is longer than the size 1s and would skip records: ` +
			"use a hop of at most 1s, or 1s alone for tumbling windows"},
		"a wrong time":      {"# It fails.\nwindows 10s\nevent p0 t=noon v=1", `3: "noon" is not a duration: use for example 500ms, 10s, 5m, 1h30m or 7d`},
		"a record untimed":  {"# It fails.\nwindows 10s\nevent p0 v=1", "3: t=TIME is missing"},
		"a wrong number":    {"# It fails.\nwindows 10s\nevent p0 t=1s v=x", `3: strconv.ParseFloat: parsing "x": invalid syntax`},
		"a wrong partition": {"# It fails.\nwindows 10s\nfinish 0", `3: "0" is no partition: p0, p1, ...`},
		"a word too many":   {"# It fails.\nwindows 10s\nexpect nothing at all", "3: unknown: at all"},
		"a wrong choice":    {"# It fails.\nwindows 10s\nemit never", `3: "never" is none of on-time final updates`},
	} {
		t.Run(name, func(t *testing.T) {
			scenes, err := parseScript(test.script)
			for _, s := range scenes {
				err = s.play()
			}
			if err == nil || err.Error() != test.want {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
}
