package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/oriel-stream/oriel/stream/kafka"
)

// revealAll puts secrets into the place of what says where they are.
func revealAll(ctx context.Context, e *env, props []kafka.Property) error {
	for i, p := range props {
		if !mayRefer(p) {
			continue
		}
		value, err := reveal(ctx, e, p)
		if err != nil {
			return err
		}
		props[i].Value = value
	}
	return nil
}

// mayRefer says that p may name a place instead of a value. In a file of -F a
// value is what other clients take it for.
func mayRefer(p kafka.Property) bool {
	return (p.IsSecret() || p.Key == "sasl.username") && !strings.HasPrefix(p.From, "-F ")
}

// refers says that the value is where the secret is, and so none itself.
func refers(p kafka.Property) bool {
	return mayRefer(p) && (p.Value == "prompt" || strings.HasPrefix(p.Value, "env:") || strings.HasPrefix(p.Value, "file:"))
}

// reveal reads the value of p from the environment (env:NAME), from a file
// (file:PATH) or from a person (prompt).
func reveal(ctx context.Context, e *env, p kafka.Property) (string, error) {
	kind, where, _ := strings.Cut(p.Value, ":")
	label := p.From + " " + p.Key
	switch {
	case kind == "env" && refers(p):
		value := e.getenv(where)
		if value == "" {
			return "", usagef("%s=env:%s: %s is not set in the environment", label, where, where)
		}
		return value, nil
	case kind == "file" && refers(p):
		data, err := readUserFile(e, where)
		if err != nil {
			return "", usagef("%s=file:%s: %w", label, where, err)
		}
		return strings.TrimRight(string(data), "\r\n"), nil
	case refers(p):
		value, err := e.prompt(ctx, p.Key+": ")
		switch {
		case errors.Is(err, errNoTerminal):
			return "", usagef("%s=prompt: %w", label, err)
		case err != nil:
			return "", fmt.Errorf("%s=prompt: %w", label, err)
		}
		return value, nil
	default:
		return p.Value, nil
	}
}
