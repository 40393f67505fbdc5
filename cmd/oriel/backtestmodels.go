package main

import (
	"cmp"
	"slices"
	"strings"

	"github.com/oriel-stream/oriel/model"
	"github.com/oriel-stream/oriel/model/external"
)

// triedModels are the models of a backtest.
type triedModels struct {
	ours     []model.Forecaster
	external []*external.Model
	names    []string
}

// asked are the external ones as a run takes them.
func (m *triedModels) asked() []model.External {
	var asked []model.External
	for _, x := range m.external {
		asked = append(asked, x)
	}
	return asked
}

func (m *triedModels) close() {
	for _, x := range m.external {
		x.Close()
	}
}

// tried are the models to try: those of -m, or all that need nothing else.
func (o *backtestOptions) tried(e *env) (*triedModels, error) {
	if o.forecastInput.value == "raw" {
		return nil, usagef("--forecast-input raw is not for backtest, whose models are all given the same: use steps or aggregates")
	}
	if len(o.models) == 0 {
		return o.allOfOurs(e)
	}
	if err := cmp.Or(o.external.check(), o.checkWorkers()); err != nil {
		return nil, err
	}
	models := &triedModels{}
	for _, spec := range o.models {
		if err := o.try(e, models, spec); err != nil {
			models.close()
			return nil, err
		}
	}
	return models, nil
}

// try adds the model that spec names.
func (o *backtestOptions) try(e *env, models *triedModels, spec string) error {
	o.model = spec
	if o.none() {
		return usagef("--model none is nothing to try: leave it out, or name a model")
	}
	var name string
	if o.isExternal() {
		m, err := o.external.open(e, spec, o.externalOptions(e))
		if err != nil {
			return err
		}
		models.external, name = append(models.external, m), m.Name()
	} else {
		m, err := o.forecaster()
		if err != nil {
			return err
		}
		models.ours, name = append(models.ours, m), m.Name()
	}
	if slices.Contains(models.names, name) {
		return usagef("--model %s is given twice: give each model once", shownModel(spec))
	}
	models.names = append(models.names, name)
	return nil
}

// allOfOurs are all models that need nothing else, and says which are left out.
func (o *backtestOptions) allOfOurs(e *env) (*triedModels, error) {
	seasons, err := parseSeasons(o.seasons)
	if err != nil {
		return nil, err
	}
	models := &triedModels{}
	var left []string
	for _, name := range modelNames() {
		m, err := model.Parse(name, seasons)
		if err != nil {
			left = append(left, name)
			continue
		}
		models.ours = append(models.ours, m)
	}
	if len(left) > 0 && !o.quiet {
		e.say("without --season these are not tried: %s", strings.Join(left, ", "))
	}
	return models, nil
}
