// Package external asks models outside this process for forecasts: a model
// server over HTTP that speaks the Open Inference Protocol (version 2, JSON), a
// program that reads the same objects as lines on its standard input and answers
// them as lines on its standard output, or MLflow's /invocations.
//
// A Model may be asked from any number of goroutines. Over HTTP each call is a
// request of its own; programs run as often as Options.Workers says, and each
// has up to Options.Outstanding requests at a time, which it may answer in any
// order.
//
// A model may hang, die or lie. Whatever it does costs the forecasts it was
// asked for: every call ends by its deadline, every answer is bounded, checked
// and matched by its id, a program that stays silent is killed and started
// again, and after several failures in a row a breaker keeps calls away for a
// while. A program that answers others is taken to have lost the question that it
// does not answer. A question is asked again, once and within its deadline, only
// of a program that has ended without a word: it may not have seen it. Each kind
// of failure is told once, when it first occurs.
package external
