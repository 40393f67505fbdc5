package main

import (
	"fmt"
	"slices"
	"strings"
)

// choice is a flag that takes one of a few words; the first is its default.
type choice struct {
	words []string
	value string
}

func newChoice(words ...string) choice { return choice{words: words, value: words[0]} }

func (c *choice) String() string { return c.value }

func (c *choice) Type() string { return "string" }

func (c *choice) Set(s string) error {
	if !slices.Contains(c.words, s) {
		last := len(c.words) - 1
		return fmt.Errorf("%q is unknown: use %s or %s", s, strings.Join(c.words[:last], ", "), c.words[last])
	}
	c.value = s
	return nil
}
