PORT ?= 8000
DATA ?= .turnout
SECONDS ?=
LENGTH = $(if $(SECONDS),--seconds $(SECONDS))
PYTEST = .venv/bin/pytest -n 4 --dist worksteal
# Each stage reads only the files that have something for it; tests/test_stages.py sees that none is forgotten.
CHAOS = tests/chaos
ALONE = tests/chaos/test_email_flood.py tests/chaos/test_redis_away.py tests/chaos/test_sign_ins.py tests/chaos/test_stuck.py
ALONE += tests/shared/command/test_web.py tests/shared/papers/test_share.py
# Neither browsers, nor drawn examples, nor programs that are started: docs/developing.md says how long it takes.
QUICK = tests/test_architecture.py tests/test_architecture_docs.py tests/test_developing_docs.py tests/test_docs.py
QUICK += tests/test_glossary.py tests/shared/test_tickets.py tests/web/forms tests/web/api/test_door.py
QUICK += $(addprefix tests/shared/,i18n models audit outbox accounts registrations door reports mailings events)
# Chaos goes by files: the one that kills parts of an installation starts it once, not in each process.
# What was compiled once is kept, whatever the machine says: the second and third stage begin without waiting for it.
export PYTHONDONTWRITEBYTECODE =

.PHONY: help up quick test test-all chaos check bench bench-growth bench-compare audit pictures environment front-end viewers

help:  ## show this
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

up: environment front-end  ## run everything on this machine [PORT=8000] [DATA=.turnout]
	@.venv/bin/turnout up --port $(PORT) --data "$(DATA)"

quick: environment front-end  ## the fast part of the tests
	$(PYTEST) -m "not hypothesis and not chaos and not alone and not scale" $(QUICK)

test: environment front-end viewers  ## what CI runs: unit, races, journeys in a browser, a minute of chaos
	@scripts/npm run --silent test
	$(PYTEST) -m "not chaos and not alone and not scale"
	$(PYTEST) -m "chaos and not alone and not scale" --dist loadfile $(CHAOS)
	.venv/bin/pytest -m alone $(ALONE)

test-all: environment front-end viewers  ## the same, with every page in every language and theme
	@scripts/npm run --silent test
	TURNOUT_TESTS=all $(PYTEST) -m "not chaos and not alone"
	$(PYTEST) -m "chaos and not alone" --dist loadfile $(CHAOS)
	.venv/bin/pytest -m alone $(ALONE)

chaos: environment front-end  ## ten minutes of random faults; prints its seed
	TURNOUT_CHAOS_SECONDS=600 .venv/bin/pytest -s tests/chaos

check: environment front-end  ## ruff, mypy, architecture, translations, TypeScript, CSS, compose, Dockerfile
	@scripts/check

bench: environment front-end  ## performance beside the floor of the same run, and its limits [SECONDS=100]
	@.venv/bin/python -m bench $(LENGTH)

bench-growth: environment front-end  ## the same at a thousand, a hundred thousand and a million registrations
	@.venv/bin/python -m bench --growth $(LENGTH)

bench-compare: environment  ## two revisions in turn: A=main B=branch [SECONDS=100]
	@.venv/bin/python -m bench.compare "$(A)" "$(B)" $(LENGTH)

pictures: environment front-end viewers  ## the README's picture anew, from the journey of its tour
	.venv/bin/pytest tests/journeys/test_tour.py
	cp build/pictures/the-line.png docs/

audit: environment  ## known vulnerabilities of what we depend on (needs the internet)
	@scripts/audit

environment front-end viewers:
	@scripts/$@
