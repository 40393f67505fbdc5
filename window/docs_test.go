package window

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// scriptBlock is a script in a page, under a line that links to its file.
var scriptBlock = regexp.MustCompile("(?s)\n\\(\\[([^]]*)\\]\\(([^)]*)\\)\\)\n\n```script\n(.*?\n)```\n")

// TestScriptsOfThePages: every script that a page shows is one that the tests
// run, to the letter: a scene of the file that the page names, or all of it.
func TestScriptsOfThePages(t *testing.T) {
	files := scriptFiles(t)
	for page, atLeast := range map[string]int{"../README.md": 2, "../docs/semantics.md": 6} {
		text := readPage(t, page)
		blocks := scriptBlock.FindAllStringSubmatch(text, -1)
		if all := strings.Count(text, "```script"); all != len(blocks) || all < atLeast {
			t.Errorf("%s: %d scripts, %d of them under a link to a file; want at least %d", page, all, len(blocks), atLeast)
		}
		for _, b := range blocks {
			name, link, shown := b[1], b[2], b[3]
			if got := filepath.Join(filepath.Dir(page), link); got != filepath.Join("..", "window", scriptFolder, name) {
				t.Errorf("%s: the link of %s leads to %s", page, name, got)
			}
			if !isScene(files[name], shown) {
				t.Errorf("%s: this is no scene of %s:\n%s", page, name, shown)
			}
		}
	}
}

// isScene says whether a page shows a scene of a file, or all of it.
func isScene(file, shown string) bool {
	_, scenes := splitScenes(file)
	shown = strings.TrimSpace(shown)
	return shown == strings.TrimSpace(file) ||
		slices.ContainsFunc(scenes, func(s *scene) bool { return strings.TrimSpace(s.text) == shown })
}

// TestScriptsAreNamed: docs/semantics.md names every script, and no other.
func TestScriptsAreNamed(t *testing.T) {
	named := make(map[string]bool)
	for _, name := range regexp.MustCompile(`[\w-]+\.txt`).FindAllString(readPage(t, "../docs/semantics.md"), -1) {
		named[name] = true
	}
	got, want := slices.Sorted(maps.Keys(named)), slices.Sorted(maps.Keys(scriptFiles(t)))
	if !slices.Equal(got, want) {
		t.Errorf("docs/semantics.md names %v\nthere are                %v", got, want)
	}
}

// TestFilesOfThePackage: doc.go lists every file of the package, and no other.
func TestFilesOfThePackage(t *testing.T) {
	_, list, _ := strings.Cut(readPage(t, "doc.go"), "// # Files\n")
	got := regexp.MustCompile(`\w+\.go`).FindAllString(list, -1)
	want, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	want = slices.DeleteFunc(want, func(name string) bool { return strings.HasSuffix(name, "_test.go") || name == "doc.go" })
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("doc.go lists %v\nthere are    %v", got, want)
	}
}

func readPage(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
