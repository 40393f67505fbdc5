// Package model forecasts the next steps of a short series of equally long
// steps, and runs such work in parallel without losing its order.
//
// A Forecaster is a pure function of the series it is given: no clock, no
// random number, no memory of earlier calls. It is a small immutable value, so
// one Forecaster serves any number of goroutines; what it needs to work in
// lives in the Forecast that the caller passes in, and each goroutine has its
// own. In steady state nothing is allocated.
//
// The same numbers give the same forecast on every processor: each product
// that is added is written float64(a*b), which keeps compilers from fusing
// the two operations and rounding once instead of twice.
//
// Parse makes a Forecaster from what --model says, and Models lists them all.
// Models that search for weights do so in one of two modes: fast, or as R's
// forecast package does. docs/forecasting.md has the formulas, their sources and
// the numbers of others beside ours.
//
// Fill closes the gaps of a series, Bounds turns standard errors into
// prediction intervals, and Pool is the bounded, ordered pool of workers.
//
// What forecasts turned out to be is kept by three small types, one of each for
// a series: Conformal makes intervals of the errors and says how surprising one
// is, Score says how well the newest forecasts did, and Ranking which of several
// models did best. They are told of each step, in order, and remember a bounded
// number.
package model
