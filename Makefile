# For people; a CI runs `bash .ci/run`.

# Seconds for each fuzz target.
FUZZTIME ?= 10

# What is measured is built as the binary is.
AS_BUILT = -pgo=$(CURDIR)/cmd/oriel/default.pgo

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: build
build: ## the binary ./oriel
	go build -o oriel ./cmd/oriel

.PHONY: test
test: ## all tests that need no broker
	go test ./...

.PHONY: race
race: ## the same with the race detector, in random order
	go test -race -shuffle=on ./...

.PHONY: lint
lint: ## the linters, and the proof that they can fail
	golangci-lint run ./...
	.ci/lint-arrows
	.ci/no-fma

.PHONY: fuzz
fuzz: ## every fuzz target for FUZZTIME seconds
	.ci/fuzz $(FUZZTIME)

.PHONY: kafka-test
kafka-test: ## the integration tests beside a real Kafka (Java 17, Maven, kcat)
	.ci/kafka/with go test -tags integration -count=1 ./...

.PHONY: terminal
terminal: ## the dashboard in real terminals (tmux)
	go test -tags terminal -count=1 -run Terminal ./cmd/oriel

.PHONY: pictures
pictures: ## the README's pictures (tmux, node, npm)
	bash .ci/pictures

.PHONY: bench
bench: ## end-to-end speed, as ratios
	bash .ci/bench

.PHONY: profile
profile: ## where replays spend their time, which builds are optimised by: cmd/oriel/default.pgo
	PROFILE=cmd/oriel/default.pgo bash .ci/bench

.PHONY: bench-read
bench-read: ## fetching beside kafka-go and franz-go, JSON fields beside fastjson, as ratios
	go test $(AS_BUILT) -tags bench -run '^$$' -bench FetchBeside -benchtime 1x -count 10 ./stream/kafka | go tool benchstat -
	go test $(AS_BUILT) -run '^$$' -bench Fields -count 10 ./stream/decode | go tool benchstat -

.PHONY: bench-window
bench-window: ## what a record, a share and an open window cost, beside a map look-up and one update
	go test $(AS_BUILT) -run '^$$' -bench 'Add|Yardstick|Freeze' -count 10 ./window | go tool benchstat -
	go test $(AS_BUILT) -run '^$$' -bench Open -benchtime 1x ./window

.PHONY: bench-model
bench-model: ## what a forecast costs: time, in naive forecasts, a second and allocations; of panels too
	go test $(AS_BUILT) -run '^$$' -bench 'Forecast|LikeR|Panel' -benchtime 200ms ./model

.PHONY: bench-latency
bench-latency: ## how long tail takes from the record that closes a window to its line
	go test $(AS_BUILT) -tags bench -run '^$$' -bench TailLatency -benchtime 2000x ./cmd/oriel

.PHONY: golden
golden: ## rewrite the golden files; look at the diff before you commit it
	go test $$(grep -rl --include='*_test.go' 'Bool("update"' . | xargs -n 1 dirname | sort -u) -update
