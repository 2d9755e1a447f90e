unexport PYTHONDONTWRITEBYTECODE
PY := .venv/bin/python

.PHONY: help setup clusters browser demo fmt lint types layers test coverage check laws mutants soak bench lock docs

help: ## Show what can be made
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-9s %s\n", $$1, $$2}'

setup: ## Everything needed, in .venv (fast when nothing changed)
	@sh scripts/bootstrap.sh

clusters: ## Everything needed, and Dask and Ray
	@sh scripts/bootstrap.sh clusters

browser: ## A browser for the tests of reports, where it may be installed
	@sh scripts/browser.sh install >/dev/null

demo: setup ## Backtest and replay shipped variants on real data, offline
	@sh scripts/demo.sh

fmt: setup ## Format the code and mend what can be mended
	@$(PY) -m ruff format -q .
	@$(PY) -m ruff check -q --fix .

lint: setup ## Style and likely mistakes
	@$(PY) -m ruff format -q --check .
	@$(PY) -m ruff check -q .

types: clusters ## Strict types
	@$(PY) -m mypy

layers: setup ## Imports point one way
	@.venv/bin/lint-imports --no-cache

test: clusters browser ## Everything needed, then all tests
	@$(PY) -m pytest -n auto

coverage: clusters browser ## All tests again, with branch coverage, which must not fall (long)
	@$(PY) -m pytest -n auto --cov --cov-report=term:skip-covered

check: lint types layers test ## All of the above

laws: clusters ## The fill laws on 50 times as many made-up markets (long)
	@TRADER_TEST_EXAMPLES=20000 $(PY) -m pytest -n 2 tests/backtest

mutants: clusters browser ## Each patch of tests/mutants must turn its named test red
	@$(PY) scripts/mutants.py

soak: setup ## A million closes in memory: what is kept does not grow (long)
	@$(PY) scripts/soak.py

bench: setup ## Ratios against peers and a C program -> docs/benchmarks.md (long)
	@sh bench/run.sh

docs: setup ## Write again what is generated: docs/variant-reference.md, variants/template.toml
	@$(PY) scripts/generate_docs.py

lock: setup ## Resolve all dependencies anew -> requirements.lock, and with Dask and Ray requirements-clusters.lock
	@UV=$$(command -v uv || echo .tools/bin/uv); $$UV lock --upgrade -q && \
	export="$$UV export -q --frozen --no-emit-project --no-annotate --no-header --all-groups" && \
	$$export -o requirements.lock >/dev/null && $$export --all-extras -o requirements-clusters.lock >/dev/null
