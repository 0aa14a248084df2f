# Each target does its own set-up; on Debian 12, git, make and Python 3.11 are all that must be there before.
.DEFAULT_GOAL := help
.PHONY: help demo test bench setup setup-test lint pin clean

help:  ## what can be made
	@grep -hE '^[a-z-]+:.*##' Makefile | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

demo:  ## run the whole line once on generated samples; DEMO_ROOT=dir chooses where
	@DEMO_ROOT='$(DEMO_ROOT)' scripts/demo.sh

test:  ## every check and every test; ARGS='-m unit' chooses tests
	@scripts/test.sh $(ARGS)

bench:  ## compare with others and with other ways of doing the same; ARGS='recognition --pages 12' chooses
	@scripts/bench.sh $(ARGS)

setup:  ## install what is missing to run the line
	@scripts/setup.sh

setup-test:  ## install what is missing to run the tests
	@scripts/setup.sh --test

lint: setup-test  ## style, types and layers only
	@scripts/lint.sh

pin:  ## pin the requirements anew, with hashes
	@scripts/pin.sh

clean:  ## remove what was built and installed here; data under var/ stay
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist ./*.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
