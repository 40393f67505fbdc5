package external

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// gathered is a question that the child keeps until there are more.
type gathered struct {
	id, good string
	// value is the last of the window, which says what the question is for.
	value float64
}

// gather is a child that keeps questions with the key "bad" until there are n of
// them, and then does to all of them, in the order of their values, what how
// says; memory is a directory that outlives it. Other questions it answers.
func gather(n, how, memory string) {
	fmt.Fprintln(os.Stderr, "started")
	most, err := strconv.Atoi(n)
	if err != nil {
		panic(err)
	}
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 1<<24)
	var held []gathered
	late := ""
	for in.Scan() {
		var q inferenceRequest
		if err := json.Unmarshal(in.Bytes(), &q); err != nil {
			panic(err)
		}
		if !isBad(&q) {
			fmt.Println(late + goodAnswer(&q))
			late = ""
			continue
		}
		values := q.Inputs[0].Data.([]any)
		held = append(held, gathered{q.ID, goodAnswer(&q), values[len(values)-1].(float64)})
		if len(held) == most {
			slices.SortFunc(held, func(a, b gathered) int { return int(a.value - b.value) })
			late = answerTogether(how, memory, held)
			held = nil
		}
	}
}

// answerTogether does something to questions. A fault is of the one with the
// value 1, which comes first; what it says to that only later is returned.
func answerTogether(how, memory string, held []gathered) (late string) {
	instead := func(text string) {
		fmt.Println(strings.ReplaceAll(text, "ID", held[1].id))
		held = slices.Delete(slices.Clone(held), 1, 2)
	}
	switch how {
	case "in order":
	case "when it has started":
		time.Sleep(2 * testTimeout) // in a process of its own, whose slowness is the test
	case "in reverse":
		slices.Reverse(held)
	case "at random":
		answerAtRandom(held)
		return ""
	case "with garbage":
		for i := range held {
			held[i].good = "debug: {\n\n[]\n" + held[i].good
		}
		held[0].good += "\n{not json at all" // while two are open
	case "twice":
		for i := range held {
			held[i].good += "\n" + held[i].good
		}
	case "dripping":
		for i := range held {
			drip(held[i].good)
			held[i].good = ""
		}
	case "one too late": // which it answers before the next
		late = held[1].good + "\n"
		instead("one question is put aside")
	case "not one":
		instead("one question will be forgotten")
	case "too much":
		instead(`{"id":"ID","outputs":[{"name":"` + strings.Repeat("x", 1<<20) + `"}]}`)
	case "too much, nameless":
		instead(`{"outputs":[{"name":"` + strings.Repeat("x", 1<<20) + `"}],"id":"ID"}`)
	case "never":
		return ""
	case "never ending":
		for range time.Tick(testTimeout / 20) {
			fmt.Print("{")
		}
	case "dying":
		os.Exit(5)
	case "dying once":
		if os.Mkdir(filepath.Join(memory, "died"), 0o700) == nil {
			os.Exit(5)
		}
	default:
		instead(how)
	}
	for _, q := range held {
		fmt.Println(q.good)
	}
	return late
}

// drip writes a line in small pieces, with time to read each of them.
func drip(line string) {
	for piece := range slices.Chunk([]byte(line+"\n"), 7) {
		_, _ = os.Stdout.Write(piece)
		time.Sleep(time.Millisecond) // in a process of its own, whose slowness is the test
	}
}

// answerAtRandom does to each question what chance has it do.
func answerAtRandom(held []gathered) {
	rand.Shuffle(len(held), func(i, j int) { held[i], held[j] = held[j], held[i] })
	for _, q := range held {
		switch rand.IntN(30) {
		case 0:
			os.Exit(6)
		case 1, 2: // never
		case 3, 4:
			fmt.Println(q.good + "\n" + q.good)
		case 5:
			fmt.Printf("{\"id\":%q,\"outputs\":[\n", q.id)
		case 6:
			fmt.Printf("{\"id\":%q,\"x\":%q\n", q.id, strings.Repeat("x", 1<<18))
		case 7:
			fmt.Println("{" + strings.Repeat("x", 1<<18))
		case 8:
			fmt.Println("{}\n" + q.good)
		default:
			fmt.Println(q.good)
		}
	}
}
