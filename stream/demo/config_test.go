package demo

import (
	"math"
	"strings"
	"testing"
)

func TestValidate(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Config)
		// want is what the error must name: value, bound, flag. None: no error.
		want []string
	}{
		{"the defaults", func(*Config) {}, nil},
		{"the largest values", func(c *Config) {
			c.Port, c.Rate, c.Sensors, c.Partitions, c.Records = 65535, 100_000, 100_000, 256, 20_000_000
		}, nil},
		{"the smallest values", func(c *Config) { c.Rate, c.Sensors, c.Partitions, c.Seed = 0.01, 1, 1, 0 }, nil},
		{"negative port", func(c *Config) { c.Port = -1 }, []string{"-1", "65535", "--port"}},
		{"large port", func(c *Config) { c.Port = 65536 }, []string{"65536", "65535", "--port"}},
		{"no topic", func(c *Config) { c.Topic = "" }, []string{`""`, "249"}},
		{"a topic's space", func(c *Config) { c.Topic = "a b" }, []string{`"a b"`, "249"}},
		{"a topic that is a path", func(c *Config) { c.Topic = ".." }, []string{`".."`, "249"}},
		{"no rate", func(c *Config) { c.Rate = 0 }, []string{"0", "0.01", "100000", "--rate"}},
		{"NaN rate", func(c *Config) { c.Rate = math.NaN() }, []string{"NaN", "0.01", "100000", "--rate"}},
		{"infinite rate", func(c *Config) { c.Rate = math.Inf(1) }, []string{"+Inf", "100000", "--rate"}},
		{"no sensors", func(c *Config) { c.Sensors = 0 }, []string{"0 sensors", "100000", "--sensors"}},
		{"many sensors", func(c *Config) { c.Sensors = 100_001 }, []string{"100001", "100000", "--sensors"}},
		{"no partitions", func(c *Config) { c.Partitions = 0 }, []string{"0 partitions", "256", "--partitions"}},
		{"many partitions", func(c *Config) { c.Sensors, c.Partitions = 300, 257 }, []string{"257", "256", "--partitions"}},
		{"empty partitions", func(c *Config) { c.Sensors, c.Partitions = 3, 4 }, []string{"3 sensors", "4 partitions", "--sensors", "--partitions"}},
		{"negative records", func(c *Config) { c.Records = -1 }, []string{"-1", "20000000", "--records"}},
		{"many records", func(c *Config) { c.Records = 20_000_001 }, []string{"20000001", "20000000", "--records"}},
		{"two mistakes", func(c *Config) { c.Port, c.Rate = -2, -3 }, []string{"-2", "--port", "-3", "--rate"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cfg := DefaultConfig()
			tt.change(&cfg)
			err := cfg.Validate()
			if (err == nil) != (tt.want == nil) {
				t.Fatalf("got error %v, want one that names %q", err, tt.want)
			}
			for _, w := range tt.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("error %q does not name %q", err, w)
				}
			}
		})
	}
}
