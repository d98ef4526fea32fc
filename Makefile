# Two commands set everything up: `make demo` and `make test`. `make help` lists the others.

.DEFAULT_GOAL := help
.PHONY: help setup setup-test ui build demo bench test lint test-rust test-ui test-desk check-generated generate fmt clean faults fuzz screens

UI_SOURCES := $(shell find ui -path ui/node_modules -prune -o -path ui/dist -prune -o -type f -print)

help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## /  \1\t/' | expand -t 20

setup: ## Install what is missing, or say exactly what to install
	@scripts/setup.sh

setup-test:
	@scripts/setup.sh --test

ui: ui/dist/index.html ## Build the desk

ui/node_modules/.package-lock.json: ui/package.json ui/package-lock.json
	cd ui && npm ci --no-audit --no-fund
	@touch $@

ui/dist/index.html: ui/node_modules/.package-lock.json $(UI_SOURCES)
	cd ui && npm run build
	@touch $@

build: setup ui ## Build the program with the desk inside
	cargo build --release --locked

demo: build ## Set up everything and open the desk with seeded data
	@target/release/sentinai demo

bench: build ## Measure this machine: server and database against PostgreSQL's own limit
	cargo run --release --locked --quiet -p bench

test: setup-test lint test-rust test-ui test-desk check-generated ## Everything CI runs
	@echo "All checks passed."

lint: ui/node_modules/.package-lock.json
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	@if cargo deny --version >/dev/null 2>&1; then cargo deny check; else echo "cargo-deny is not installed: licences and advisories were not checked"; fi
	cd ui && npm run lint

test-rust: ui
	scripts/test-rust.sh

test-ui: ui/node_modules/.package-lock.json
	cd ui && npm test

test-desk: ui
	scripts/test-desk.sh

check-generated: ui/node_modules/.package-lock.json
	scripts/generated.sh check

generate: ui/node_modules/.package-lock.json ## Renew the files that are made from the code
	scripts/generated.sh write

faults: ## Slow and rare trials: kill server and database at random moments, ROUNDS times (SEED repeats a run); poolers, restores
	FAULT_ROUNDS=$(or $(ROUNDS),50) TEST_SEED=$(SEED) cargo test --workspace --locked --test it faults::random_moments -- --nocapture
	cargo test --workspace --locked --test it -- --ignored --nocapture --test-threads 1

fuzz: ## Fuzz every target with libFuzzer, SECONDS each
	scripts/fuzz.sh $(or $(SECONDS),30)

screens: ui ## Take the pictures of the desk in docs/screens anew
	scripts/screens.sh

fmt: ## Format the Rust code
	cargo fmt --all

clean: ## Remove what was built, but not .sentinai
	cargo clean
	rm -rf ui/dist ui/node_modules
