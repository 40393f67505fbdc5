package window

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

const scriptFolder = "testdata/scripts"

// scriptFiles are the scripts by their paths.
func scriptFiles(t *testing.T) map[string]string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(scriptFolder, "*.txt"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no scripts in %s: %v", scriptFolder, err)
	}
	files := make(map[string]string)
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files[filepath.Base(path)] = string(text)
	}
	return files
}

func TestScripts(t *testing.T) {
	for file, text := range scriptFiles(t) {
		t.Run(file, func(t *testing.T) {
			scenes, err := parseScript(text)
			if err != nil {
				t.Fatalf("%s/%s:%v", scriptFolder, file, err)
			}
			for _, s := range scenes {
				t.Run(s.name, func(t *testing.T) {
					if err := s.play(); err != nil {
						t.Errorf("%s/%s:%v", scriptFolder, file, err)
					}
				})
			}
		})
	}
}

// play runs a scene, in every interleaving if it asks for that.
func (s *scene) play() error {
	if !s.interleavings {
		return s.playOnce(s.steps)
	}
	records, rest, err := s.split()
	if err != nil {
		return err
	}
	return interleave(records, nil, func(order []step) error {
		return s.playOnce(slices.Concat(order, rest))
	})
}

// playOnce runs steps. Where the order of the partitions is any, panes are
// looked at in the end.
func (s *scene) playOnce(steps []step) error {
	st := newStage(s)
	seen := st.seen
	if s.interleavings {
		seen = st.heard
	}
	for _, x := range steps {
		if x.kind == act {
			if err := seen(); err != nil {
				return &lineError{x.line, err}
			}
		}
		if err := x.run(st); err != nil {
			return &lineError{x.line, err}
		}
	}
	if err := st.seen(); err != nil {
		return &lineError{steps[len(steps)-1].line, err}
	}
	return nil
}

// split returns what each partition does, step by step: its records with what
// is expected of them, and its end; and what is expected when all have ended.
func (s *scene) split() (records [][][]step, rest []step, err error) {
	records = make([][][]step, len(s.cuts))
	last := -1
	for i, x := range s.steps {
		switch {
		case x.word == "event" && x.part < len(records):
			last = x.part
			records[last] = append(records[last], []step{x})
		case x.kind == expectOfRecord && last >= 0:
			unit := &records[last][len(records[last])-1]
			*unit = append(*unit, x)
		case x.word == "finish":
			for part := range records {
				end := step{line: x.line, part: part, run: finishAlone(part)}
				records[part] = append(records[part], []step{end})
			}
			return records, s.steps[i+1:], nil
		default:
			return nil, nil, &lineError{x.line, errors.New("interleavings need records, finish, and then what is expected")}
		}
	}
	return nil, nil, &lineError{s.line, errors.New("interleavings need a finish")}
}

func finishAlone(part int) func(*stage) error {
	return func(s *stage) error {
		s.finish(s.parts[part])
		s.settle()
		return nil
	}
}

// interleave calls play for every order that keeps the order of each list.
func interleave(lists [][][]step, order []step, play func([]step) error) error {
	left := false
	for i, list := range lists {
		if len(list) == 0 {
			continue
		}
		left = true
		lists[i] = list[1:]
		err := interleave(lists, slices.Concat(order, list[0]), play)
		lists[i] = list
		if err != nil {
			return err
		}
	}
	if !left {
		return play(order)
	}
	return nil
}
