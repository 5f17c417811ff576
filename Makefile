PORT ?= 8000
DATA ?= .turnout
SECONDS ?= 30
PYTEST = .venv/bin/pytest -n 3 --dist worksteal

.PHONY: help up test test-all chaos check bench audit environment front-end viewers

help:  ## show this
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

up: environment front-end  ## run everything on this machine [PORT=8000] [DATA=.turnout]
	@.venv/bin/turnout up --port $(PORT) --data "$(DATA)"

test: environment front-end viewers  ## what CI runs: unit, races, journeys in a browser, a minute of chaos
	$(PYTEST) -m "not chaos and not scale"
	$(PYTEST) -m "chaos and not alone"
	.venv/bin/pytest -m alone

test-all: environment front-end viewers  ## the same, with every page in every language and theme
	TURNOUT_TESTS=all $(PYTEST) -m "not chaos"
	$(PYTEST) -m "chaos and not alone"
	.venv/bin/pytest -m alone

chaos: environment front-end  ## ten minutes of random faults; prints its seed
	TURNOUT_CHAOS_SECONDS=600 .venv/bin/pytest -s tests/chaos

check: environment front-end  ## ruff, mypy, architecture, translations, TypeScript, compose, Dockerfile
	@scripts/check

bench: environment front-end  ## performance beside the raw PostgreSQL floor [SECONDS=30]
	@.venv/bin/python -m bench --seconds $(SECONDS)

audit: environment  ## known vulnerabilities of what we depend on (needs the internet)
	@scripts/audit

environment front-end viewers:
	@scripts/$@
