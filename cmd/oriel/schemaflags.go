package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/stream/decode"
)

// schemaFlags say where the schemas of payloads are.
type schemaFlags struct {
	registry            string
	proto, protoMessage string
}

func (f *schemaFlags) add(fs *pflag.FlagSet) {
	fs.StringVar(&f.registry, "schema-registry", "", "URL of the schema registry, http[s]://[USER:PASSWORD@]HOST:PORT; also -X schema.registry.url")
	fs.StringVar(&f.proto, "proto", "", "schema of Protobuf payloads: a .proto file or a FileDescriptorSet")
	fs.StringVar(&f.protoMessage, "proto-message", "", "message of --proto that payloads are, where it declares several")
}

// openSchemas returns what the flags and the properties of -X name; nil for what they
// do not. notice is told when the registry does not answer, and of schemas that cannot be used.
func (f *schemaFlags) openSchemas(ctx context.Context, e *env, c *connectionFlags, notice func(stream.Notice)) (*decode.Registry, *decode.ProtoMessage, error) {
	registry, err := f.openRegistry(ctx, e, c, notice)
	if err != nil {
		return nil, nil, err
	}
	switch {
	case f.proto != "":
		message, err := decode.LoadProto(ctx, f.proto, f.protoMessage, e.readFile)
		if err != nil {
			return nil, nil, fmt.Errorf("--proto %s: %w", f.proto, err)
		}
		return registry, message, nil
	case f.protoMessage != "":
		return nil, nil, fmt.Errorf("--proto-message %s needs the file that declares it: add --proto FILE", f.protoMessage)
	default:
		return registry, nil, nil
	}
}

// The properties of a schema registry, in the spelling of its clients.
const (
	registryURL   = "schema.registry.url"
	registryUser  = "basic.auth.user.info"
	registryToken = "bearer.auth.token"
	registryCA    = "schema.registry.ssl.ca.location"
)

func (f *schemaFlags) openRegistry(ctx context.Context, e *env, c *connectionFlags, notice func(stream.Notice)) (*decode.Registry, error) {
	cfg := decode.RegistryConfig{URL: f.registry, Notice: notice}
	asked := "--schema-registry " + withoutPassword(f.registry)
	properties, err := c.given(e)
	if err != nil {
		return nil, err
	}
	for _, p := range properties {
		key := p.Canonical()
		if !slices.Contains([]string{registryURL, registryUser, registryToken, registryCA}, key) {
			continue
		}
		value, err := reveal(ctx, e, p)
		if err != nil {
			return nil, err
		}
		switch {
		case key == registryURL && f.registry == "":
			cfg.URL, asked = value, p.From+" "+registryURL+"="+withoutPassword(value)
		case key == registryUser:
			user, password, ok := strings.Cut(value, ":")
			if !ok {
				return nil, fmt.Errorf("%s %s: want USER:PASSWORD", p.From, p.Key)
			}
			cfg.User, cfg.Password = user, password
		case key == registryToken:
			cfg.Token = value
		case key == registryCA:
			if cfg.TLS, err = trusting(e, value); err != nil {
				return nil, fmt.Errorf("%s %s=%s: %w", p.From, registryCA, value, err)
			}
		}
	}
	if cfg.URL == "" {
		return nil, nil
	}
	registry, err := decode.NewRegistry(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", asked, err)
	}
	return registry, nil
}

// withoutPassword is an address as a message may repeat it.
func withoutPassword(address string) string {
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return address
	}
	scheme, _, hasScheme := strings.Cut(address[:at], "://")
	if !hasScheme {
		return address[at+1:]
	}
	return scheme + "://" + address[at+1:]
}

// trusting is TLS that trusts the certificates of a PEM file alone.
func trusting(e *env, file string) (*tls.Config, error) {
	pem, err := e.readFile(file)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, errors.New("it has no PEM certificate")
	}
	return &tls.Config{RootCAs: pool}, nil
}
