package model

import (
	"slices"
	"testing"
)

func TestParse(t *testing.T) {
	for _, tc := range []struct {
		spec, name string
		minLength  int
	}{
		{"auto", "auto", 2},
		{"naive", "naive", 2},
		{"drift", "drift", 3},
		{"ses", "ses", 3},
		{"ses:alpha=0.30", "ses:alpha=0.3", 2},
		{"holt", "holt", 5},
		{"ses:mode=r", "ses:mode=r", 7},
		{"ses:mode=fast,alpha=0.5", "ses:alpha=0.5,mode=fast", 2},
		{"holt:mode=r", "holt:mode=r", 9},
		{"snaive:season=24", "snaive:season=24", 25},
		{"hw:season=4", "hw:season=4", 13},
		{"hw:season=4,mode=r", "hw:season=4,mode=r", 13},
		{"hw:season=12,mode=r", "hw:season=12,mode=r", 36},
		{"ar", "ar", 4},
		{"ar:p=10", "ar:p=10", 22},
		{"holt:beta=1e-1", "holt:beta=0.1", 4},
		{"holt:beta=0.1,alpha=0.5", "holt:alpha=0.5,beta=0.1", 3},
		{"damped", "damped", 6},
		{"damped:phi=0.9", "damped:phi=0.9", 5},
		{"damped:alpha=0.5,beta=0.5,phi=0.98", "damped:alpha=0.5,beta=0.5,phi=0.98", 3},
	} {
		m, err := Parse(tc.spec, nil)
		if err != nil {
			t.Error(err)
			continue
		}
		if m.Name() != tc.name || m.MinLength() != tc.minLength {
			t.Errorf("%s is %s from %d values, want %s from %d", tc.spec, m.Name(), m.MinLength(), tc.name, tc.minLength)
		}
	}
}

func TestParseErrors(t *testing.T) {
	const known = "known: auto, naive, snaive, mean, drift, ols, ses, holt, damped, hw, theta, comb, ar, decomp"
	for _, tc := range []struct{ spec, want string }{
		{"", `unknown model ""; ` + known},
		{"hollt", `unknown model "hollt"; ` + known},
		{"Naive", `unknown model "Naive"; ` + known},
		{"zzz", `unknown model "zzz"; ` + known},
		{"a", `unknown model "a"; ` + known},
		{"nosuch", `unknown model "nosuch"; ` + known},
		{"hol:beta=1", `unknown model "hol"; ` + known},
		{"holt:gamma=1", `model "holt:gamma=1": unknown parameter "gamma"; known: alpha, beta, mode`},
		{"naive:alpha=1", `model "naive:alpha=1": naive has no parameters, not "alpha=1"`},
		{"ses:", `model "ses:": unknown parameter ""; known: alpha, mode`},
		{"ses:beta=1", `model "ses:beta=1": unknown parameter "beta"; known: alpha, mode`},
		{"holt:bet=1", `model "holt:bet=1": unknown parameter "bet"; known: alpha, beta, mode`},
		{"holt:beta=2", `model "holt:beta=2": beta=2 is out of range; allowed is 0.0001 to 0.9999`},
		{"holt:beta=NaN", `model "holt:beta=NaN": beta=NaN is out of range; allowed is 0.0001 to 0.9999`},
		{"holt:beta", `model "holt:beta": beta="" is not a number; allowed is 0.0001 to 0.9999`},
		{"holt:beta=x", `model "holt:beta=x": beta="x" is not a number; allowed is 0.0001 to 0.9999`},
		{"ses:alpha=0.1,alpha=0.2", `model "ses:alpha=0.1,alpha=0.2": alpha is given twice`},
		{"holt:alpha=0.2,beta=0.3", `model "holt:alpha=0.2,beta=0.3": beta=0.3 is above alpha=0.2`},
		{"snaive", `model "snaive": it needs a season: give its length in steps, as in --season 24`},
		{"hw", `model "hw": it needs a season: give its length in steps, as in --season 24`},
		{"snaive:season=1", `model "snaive:season=1": season=1 is out of range; allowed is 2 to 1e+06`},
		{"ar:p=1.5", `model "ar:p=1.5": p=1.5 is no whole number; allowed is 0 to 1000`},
		{"ses:mode=x", `model "ses:mode=x": mode="x" is unknown; known: fast, r, r9`},
		{"hw:season=25,mode=r", `model "hw:season=25,mode=r": season 25 is above 24, the longest in mode=r`},
		{"hw:season=4,alpha=0.5,gamma=0.6", `model "hw:season=4,alpha=0.5,gamma=0.6": gamma=0.6 is above 1-alpha=0.5`},
		{"hw:season=4,beta=0.5,gamma=0.75", `model "hw:season=4,beta=0.5,gamma=0.75": beta=0.5 is above 1-gamma=0.25, and alpha between them`},
		{"damped:phi=1", `model "damped:phi=1": phi=1 is out of range; allowed is 0.8 to 0.98`},
	} {
		_, err := Parse(tc.spec, nil)
		if err == nil || err.Error() != tc.want {
			t.Errorf("%q: %v\nwant %s", tc.spec, err, tc.want)
		}
	}
}

func TestModels(t *testing.T) {
	var names []string
	for _, info := range Models() {
		names = append(names, info.Name)
		if m := parse(t, named(info)); m.MinLength() != info.MinLength+2*info.MinSeasons || m.Name() != named(info) {
			t.Errorf("%s: listed with %d values, makes %s with %d", info.Name, info.MinLength, m.Name(), m.MinLength())
		}
		if info.Source == "" || info.Summary == "" || info.Cost == "" {
			t.Errorf("%s: no source, summary or cost", info.Name)
		}
		for _, p := range info.Params {
			if p.Name == "" || p.Summary == "" || (p.Words == nil) == (p.Min >= p.Max) {
				t.Errorf("%s: parameter %+v", info.Name, p)
			}
		}
	}
	want := []string{
		"auto", "naive", "snaive", "mean", "drift", "ols", "ses", "holt", "damped", "hw", "theta", "comb", "ar", "decomp",
	}
	if !slices.Equal(names, want) {
		t.Errorf("models are %v, want %v", names, want)
	}
	Models()[6].Params[0].Max = 7
	if _, err := Parse("ses:alpha=2", nil); err == nil {
		t.Error("changing what Models returned changed the registry")
	}
}

// FuzzParse: whatever is accepted reports a name that means the same.
func FuzzParse(f *testing.F) {
	for _, spec := range every() {
		f.Add(spec)
	}
	f.Add("holt:alpha=0.5,beta=0.6")
	f.Fuzz(func(t *testing.T, spec string) {
		m, err := Parse(spec, nil)
		if err != nil {
			return
		}
		again, err := Parse(m.Name(), nil)
		if err != nil || again.Name() != m.Name() || again.MinLength() != m.MinLength() {
			t.Errorf("%q is %q, which is %v (%v)", spec, m.Name(), again, err)
		}
	})
}
