package external

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// faultVariable makes this test binary a model that has a fault.
const faultVariable = "ORIEL_TEST_FAULT"

func TestMain(m *testing.M) {
	if fault := os.Getenv(faultVariable); fault != "" {
		child(fault)
		return
	}
	goleak.VerifyTestMain(m)
}

// child answers with the last value, as often as asked for. A question with the
// key "bad" brings out its fault.
func child(fault string) {
	if fault == "dies at once" {
		fmt.Fprintln(os.Stderr, "no\x1b[31m module\nno such module")
		os.Exit(3)
	}
	if words := strings.SplitN(fault, ":", 4); words[0] == "together" {
		gather(words[1], words[3], words[2])
		return
	}
	if fault == "greets" {
		fmt.Println("Loading 3 models ...")
	}
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 1<<24)
	for in.Scan() {
		var q inferenceRequest
		if err := json.Unmarshal(in.Bytes(), &q); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(4)
		}
		if good := goodAnswer(&q); isBad(&q) {
			misbehave(fault, q.ID, good)
		} else {
			fmt.Println(good)
		}
	}
}

// isBad says that a row has the key "bad".
func isBad(q *inferenceRequest) bool {
	for _, key := range q.Inputs[2].Data.([]any) {
		if key == "bad" {
			return true
		}
	}
	return false
}

// goodAnswer repeats the last value of each row.
func goodAnswer(q *inferenceRequest) string {
	rows, columns := q.Inputs[0].Shape[0], q.Inputs[0].Shape[1]
	values := q.Inputs[0].Data.([]any)
	mean := make([]string, rows)
	for i := range rows {
		mean[i] = strings.TrimSuffix(strings.Repeat(fmt.Sprint(values[(i+1)*columns-1])+",", q.Parameters.Horizon), ",")
	}
	return fmt.Sprintf(`{"model_name":"last","id":%q,"outputs":[{"name":"mean","shape":[%d,%d],"datatype":"FP64","data":[%s]}]}`,
		q.ID, rows, q.Parameters.Horizon, strings.Join(mean, ","))
}

func misbehave(fault, id, good string) {
	switch fault {
	case "hangs":
		fmt.Fprintln(os.Stderr, "hangs")
		select {}
	case "is slow": // and answers when nobody waits any more
		time.Sleep(2 * testTimeout) // in a process of its own, whose slowness is the test
		fmt.Println(good)
	case "dies":
		os.Exit(5)
	case "answers and dies":
		fmt.Println(good)
		os.Exit(0)
	case "closes its output":
		os.Stdout.Close()
		select {}
	case "drips":
		for range time.Tick(testTimeout / 20) {
			fmt.Print("{")
		}
	case "floods":
		junk := strings.Repeat("x", 1<<20)
		for range 64 {
			fmt.Print("{" + junk)
		}
		fmt.Println()
	case "answers twice":
		fmt.Println(good)
		fmt.Println(good)
	case "answers another":
		fmt.Println(strings.Replace(good, `"id":"`, `"id":"9`, 1))
		fmt.Println(good)
	case "has no id":
		fmt.Println(strings.Replace(good, `"id"`, `"it"`, 1))
	case "refuses":
		fmt.Printf("{\"id\":%q,\"error\":\"too short\\u001b[2J\"}\n", id)
	case "chats":
		fmt.Println("debug: about to answer\n\n[]")
		fmt.Println(good)
	case "writes errors":
		for i := range 10 * maxLogged {
			fmt.Fprintln(os.Stderr, "error", i, strings.Repeat("long ", 5000))
		}
		fmt.Println(good)
	default: // an answer in place of the good one
		fmt.Println(strings.ReplaceAll(fault, "ID", id))
	}
}
