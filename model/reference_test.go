package model

import (
	"encoding/csv"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// TestReference compares with published series and numbers. They belong to
// others and are not part of this project: ORIEL_REFERENCE names their folder.
func TestReference(t *testing.T) {
	needReference(t)
	t.Run("SES", referenceSES)
	t.Run("Holt", referenceHolt)
	t.Run("Deviation", referenceDeviation)
	t.Run("Windows", referenceWindows)
	t.Run("Tails", referenceTails)
}

func needReference(t *testing.T) {
	t.Helper()
	if _, err := os.Stat(referenceData()); errors.Is(err, fs.ErrNotExist) {
		// A newcomer's clone has none; CI fails in its first stage without it.
		t.Skip("no reference data: set ORIEL_REFERENCE to its folder")
	}
}

func referenceData() string {
	folder := os.Getenv("ORIEL_REFERENCE")
	if folder == "" {
		folder = "../../shared"
	}
	return filepath.Join(folder, "data")
}

// reference returns the rows of a file without their header.
func reference(t testing.TB, name string) [][]string {
	t.Helper()
	return referenceRows(t, name)[1:]
}

// referenceRows returns the rows of a file.
func referenceRows(t testing.TB, name string) [][]string {
	t.Helper()
	file, err := os.Open(filepath.Join(referenceData(), name))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	r := csv.NewReader(file)
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// numbers reads the leading numbers of a row.
func numbers(t testing.TB, fields []string) (y []float64) {
	t.Helper()
	for _, field := range fields {
		if field == "" {
			break
		}
		v, err := strconv.ParseFloat(field, 64)
		if err != nil {
			t.Fatal(err)
		}
		y = append(y, v)
	}
	return y
}

// years returns the values from one year to another of a file of (year, value).
func years(t testing.TB, name, from, to string) (y []float64) {
	t.Helper()
	for _, row := range reference(t, name) {
		if row[0] >= from && row[0] <= to {
			y = append(y, numbers(t, row[1:])...)
		}
	}
	return y
}

// R minimises the same sum of squares with its ses; Hyndman & Athanasopoulos,
// Forecasting: Principles and Practice, 2nd ed., 7.1, print what it finds.
func referenceSES(t *testing.T) {
	f := forecast(t, "ses", years(t, "oil.csv", "1996", "2013"), 5)
	lower, upper := Bounds(f, 80, nil, nil)
	near(t, "mean", f.Mean[0], 542.6806, 0.05)
	near(t, "standard error", f.SE[0], 29.8282, 0.001)
	near(t, "lower bound", lower[0], 504.4541, 0.05)
	near(t, "upper bound", upper[0], 580.9070, 0.05)
	near(t, "lower bound at 5", lower[4], 468.3452, 0.1)
	near(t, "upper bound at 5", upper[4], 617.0159, 0.1)
}

// Holt's example with all its digits prints the textbook's forecasts.
func referenceHolt(t *testing.T) {
	y := years(t, "ausair.csv", "1990", "2004")
	w := weights{alpha: 0.8, beta: 0.8 * 0.2, phi: 1}
	end, _ := w.run(y, state{next: y[1], growth: y[1] - y[0]})
	var f Forecast
	f.resize(5)
	w.project(end, 1, 1, &f)
	for i, want := range []float64{43.76, 45.59, 47.43, 49.27, 51.10} {
		near(t, "forecast", f.Mean[i], want, 0.005)
	}
}

// R's simplex prints these residual deviations for holt; least squares does at
// least as well.
func referenceDeviation(t *testing.T) {
	ausair := forecast(t, "holt", years(t, "ausair.csv", "1990", "2016"), 5)
	if ausair.SE[0] > 2.3645*1.0005 {
		t.Errorf("holt's deviation on ausair is %v, R's is 2.3645", ausair.SE[0])
	}
	for i, r := range []float64{74.6013, 76.7030, 78.8048, 80.9065, 83.0083} {
		near(t, "holt's mean on ausair", ausair.Mean[i], r, 0.1)
	}
	if f := forecast(t, "damped", years(t, "livestock.csv", "1961", "2007"), 1); f.SE[0] > 12.8435*1.0005 {
		t.Errorf("damped's deviation on livestock is %v, R's is 12.8435", f.SE[0])
	}
}

// Real windows: every model answers all of them.
func referenceWindows(t *testing.T) {
	const size, hop, horizon = 20, 40, 5
	for _, row := range reference(t, "Hourly-train.csv") {
		y := numbers(t, row[1:])
		for end := size; end <= len(y); end += hop {
			forecast(t, "auto", y[end-size:end], horizon)
			forecast(t, "holt", y[end-size:end], horizon)
		}
	}
}
