package main

import (
	"bytes"
	"encoding/json"
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestVersion(t *testing.T) {
	t.Parallel()
	info := &debug.BuildInfo{
		Main: debug.Module{Version: "v1.2.3"},
		Deps: []*debug.Module{{Path: "github.com/other", Version: "v9"}, {Path: "github.com/segmentio/kafka-go", Version: "v0.4.51"}},
		Settings: []debug.BuildSetting{
			{Key: "vcs.revision", Value: "abc123"}, {Key: "vcs.time", Value: "2026-11-22T06:00:00Z"}, {Key: "vcs.modified", Value: "true"},
		},
	}
	goAndPlatform := "go       " + runtime.Version() + "\nplatform " + runtime.GOOS + "/" + runtime.GOARCH + "\n"
	for _, c := range []struct {
		info *debug.BuildInfo
		want string
	}{
		{info, "oriel    v1.2.3\ncommit   abc123 of 2026-11-22T06:00:00Z, modified\n" + goAndPlatform + "kafka-go v0.4.51\n"},
		{nil, "oriel    (devel)\ncommit   unknown\n" + goAndPlatform + "kafka-go unknown\n"},
	} {
		var out bytes.Buffer
		if err := buildOf(c.info).write(&out); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, out.String()); diff != "" {
			t.Error(diff)
		}
	}
}

func TestVersionOutputs(t *testing.T) {
	t.Parallel()
	text := oriel(t, "version")
	if text.code != exitDone || len(text.lines()) != 5 || text.stderr != "" {
		t.Errorf("%+v", text)
	}
	got := oriel(t, "version", "-o", "json")
	var b build
	if err := json.Unmarshal([]byte(got.stdout), &b); err != nil || b.Version != versionText() || b.Go != runtime.Version() {
		t.Errorf("%v: %+v", err, got)
	}
	complaint{"version -o yaml", exitUsage, []string{`"yaml" is unknown: use text or json`}}.check(t)
	complaint{"version 2", exitUsage, []string{"oriel version --help"}}.check(t)
}
