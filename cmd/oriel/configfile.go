package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/oriel-stream/oriel/stream/kafka"
)

// configFile is oriel/config.yaml:
//
//	default: prod
//	profiles:
//	  prod:
//	    color: red
//	    brokers: kafka-1:9093,kafka-2:9093
//	    properties:
//	      security.protocol: sasl_ssl
//	      sasl.password: env:KAFKA_PASSWORD
//	    out-of-orderness: 5s
type configFile struct {
	path     string
	standard string // the profile that counts where none is named
	profiles []*profile
}

// profile is a named cluster, with what goes with it.
type profile struct {
	name  string
	place string // FILE:LINE
	// color marks the screen; empty for none.
	color      string
	properties []kafka.Property
	settings   []setting
}

// setting is a value of a flag in a profile.
type setting struct {
	flag   string
	values []string
	place  string // FILE:LINE
}

// configPath is where the profiles are, empty if there is no home.
func configPath(e *env) string {
	dir := e.getenv("XDG_CONFIG_HOME")
	if dir == "" && e.getenv("HOME") != "" {
		dir = filepath.Join(e.getenv("HOME"), ".config")
	}
	if dir == "" {
		return ""
	}
	return filepath.Join(dir, "oriel", "config.yaml")
}

// readConfigFile reads the profiles; there are none where there is no file.
func readConfigFile(e *env) (*configFile, error) {
	path := configPath(e)
	if path == "" {
		return &configFile{}, nil
	}
	data, err := e.readFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return &configFile{path: path}, nil
	}
	if err != nil {
		return nil, usageError{err}
	}
	c, err := parseConfigFile(path, data)
	if err != nil {
		return nil, usageError{err}
	}
	return c, nil
}

// find returns the profile of that name, nil if there is none.
func (c *configFile) find(name string) *profile {
	i := slices.IndexFunc(c.profiles, func(p *profile) bool { return p.name == name })
	if i < 0 {
		return nil
	}
	return c.profiles[i]
}

// names are the names of the profiles, in the order of the file.
func (c *configFile) names() []string {
	var out []string
	for _, p := range c.profiles {
		out = append(out, p.name)
	}
	return out
}

// parseConfigFile reads a file of profiles. Its errors name the line and never
// repeat a value of a property.
func parseConfigFile(path string, data []byte) (*configFile, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(data, &document); err != nil {
		return nil, syntaxError(path, err)
	}
	r := yamlReader{path}
	c := &configFile{path: path}
	if len(document.Content) == 0 {
		return c, nil
	}
	err := r.fields(document.Content[0], func(key, value *yaml.Node) error {
		switch key.Value {
		case "default":
			return r.scalar(value, &c.standard)
		case "profiles":
			return r.fields(value, func(key, value *yaml.Node) error {
				p, err := r.profile(key, value)
				c.profiles = append(c.profiles, p)
				return err
			})
		}
		return r.errorf(key, "unknown field %q: want default or profiles", key.Value)
	})
	if err == nil && c.standard != "" && c.find(c.standard) == nil {
		err = fmt.Errorf("%s: default: there is no profile %q", path, c.standard)
	}
	return c, err
}

// yamlLine is where a message of the YAML library names the line.
var yamlLine = regexp.MustCompile(`\bline (\d+)`)

// syntaxError says where a file is no YAML. What the library says besides may
// repeat a password.
func syntaxError(path string, err error) error {
	if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
		path += ":" + m[1]
	}
	return fmt.Errorf("%s: this is no YAML: check the indentation, and put values with special characters in quotes", path)
}

// yamlReader reads what a strict file may have, and names the line of what it
// may not.
type yamlReader struct{ path string }

func (r yamlReader) place(n *yaml.Node) string { return fmt.Sprintf("%s:%d", r.path, n.Line) }

func (r yamlReader) errorf(n *yaml.Node, format string, args ...any) error {
	return fmt.Errorf("%s: %w", r.place(n), fmt.Errorf(format, args...))
}

// fields visits the fields of a mapping; an empty one may be null.
func (r yamlReader) fields(n *yaml.Node, visit func(key, value *yaml.Node) error) error {
	if n.Kind == yaml.ScalarNode && n.Tag == "!!null" {
		return nil
	}
	if n.Kind != yaml.MappingNode {
		return r.errorf(n, "want fields of the form name: value")
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if value.Kind == yaml.AliasNode {
			value = value.Alias
		}
		if key.Kind != yaml.ScalarNode {
			return r.errorf(key, "want a name")
		}
		if seen[key.Value] {
			return r.errorf(key, "%s is given twice", key.Value)
		}
		seen[key.Value] = true
		if err := visit(key, value); err != nil {
			return err
		}
	}
	return nil
}

func (r yamlReader) scalar(n *yaml.Node, into *string) error {
	if n.Kind != yaml.ScalarNode {
		return r.errorf(n, "want a single value")
	}
	if n.Tag != "!!null" {
		*into = n.Value
	}
	return nil
}

// list reads a value or a list of them.
func (r yamlReader) list(n *yaml.Node) ([]string, error) {
	items := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		items = n.Content
	}
	out := make([]string, len(items))
	for i, item := range items {
		if err := r.scalar(item, &out[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// colorValue is what lipgloss understands of colours.
var colorValue = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)

// colors are the colours that have a name, as terminals count them.
var colors = map[string]string{
	"red": "1", "green": "2", "yellow": "3", "blue": "4", "magenta": "5", "cyan": "6", "white": "7",
}

func (r yamlReader) profile(key, value *yaml.Node) (*profile, error) {
	p := &profile{name: key.Value, place: r.place(key)}
	if p.name == "" || p.name == noProfile {
		return p, r.errorf(key, "a profile cannot be named %q", p.name)
	}
	return p, r.fields(value, func(key, value *yaml.Node) error {
		switch key.Value {
		case "color":
			if err := r.scalar(value, &p.color); err != nil {
				return err
			}
			if colors[p.color] == "" && !colorValue.MatchString(p.color) {
				return r.errorf(value, "color %q is unknown: use red, green, yellow, blue, magenta, cyan, white or #rrggbb", p.color)
			}
			return nil
		case "properties":
			return r.fields(value, func(key, value *yaml.Node) error {
				property := kafka.Property{Key: key.Value, From: fmt.Sprintf("profile %s (%s)", p.name, r.place(key))}
				p.properties = append(p.properties, property)
				return r.scalar(value, &p.properties[len(p.properties)-1].Value)
			})
		case "property", "profile", "help":
			return r.errorf(key, "%q has no place in a profile: use properties", key.Value)
		}
		values, err := r.list(value)
		p.settings = append(p.settings, setting{key.Value, values, r.place(key)})
		return err
	})
}
