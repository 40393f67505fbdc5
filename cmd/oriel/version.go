package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version is set by the linker in releases.
var version = ""

// build is what a binary knows of its making. Empty strings are not known.
type build struct {
	Version string `json:"version"`
	// Commit is the revision of the source, with CommitTime in RFC 3339;
	// Modified says that it was built with changes to it.
	Commit     string `json:"commit,omitempty"`
	CommitTime string `json:"commit_time,omitempty"`
	Modified   bool   `json:"modified"`
	Go         string `json:"go"`
	Platform   string `json:"platform"`
	// KafkaGo is the version of the Kafka client.
	KafkaGo string `json:"kafka_go,omitempty"`
}

func newVersion(e *env) *cobra.Command {
	output := newChoice("text", "json")
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version and what it was built from",
		Long: `version prints the version, the commit it was built from, the versions of Go and
of the Kafka client, and the platform. oriel --version prints the version alone.

EXIT STATUS
  0    done
  2    wrong usage`,
		Example: `  oriel version
  oriel version -o json | jq -r .commit`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			info, _ := debug.ReadBuildInfo()
			b := buildOf(info)
			if output.value == "json" {
				return json.NewEncoder(e.stdout).Encode(b)
			}
			return b.write(e.stdout)
		},
	}
	cmd.Flags().VarP(&output, "output", "o", "as text or json")
	return cmd
}

func versionText() string {
	info, _ := debug.ReadBuildInfo()
	return buildOf(info).Version
}

// buildOf reads what the linker left; info is nil in a binary without modules.
func buildOf(info *debug.BuildInfo) build {
	b := build{Version: version, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if info == nil {
		info = &debug.BuildInfo{}
	}
	b.Version = cmp.Or(version, info.Main.Version, "(devel)")
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Commit = s.Value
		case "vcs.time":
			b.CommitTime = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	for _, d := range info.Deps {
		if d.Path == "github.com/segmentio/kafka-go" {
			b.KafkaGo = d.Version
		}
	}
	return b
}

func (b build) write(w io.Writer) error {
	commit := b.Commit
	if b.CommitTime != "" {
		commit += " of " + b.CommitTime
	}
	if b.Modified {
		commit += ", modified"
	}
	_, err := fmt.Fprintf(w, "oriel    %s\ncommit   %s\ngo       %s\nplatform %s\nkafka-go %s\n",
		b.Version, cmp.Or(commit, "unknown"), b.Go, b.Platform, cmp.Or(b.KafkaGo, "unknown"))
	return err
}
