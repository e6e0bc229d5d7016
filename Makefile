# Everything else is installed when it is needed; only Python, make and git must be there.
PYTHON ?= python3
BIN := .venv/bin
LOADERS := $(foreach name,csv jsonl duckdb postgres pipelinewise-postgres,.venvs/target-$(name)/.ready)

.DEFAULT_GOAL := help
BENCH := $(foreach name,bench-dlt bench-airbyte bench-chart target-duckdb,.venvs/$(name)/.ready)
.PHONY: help demo report docs test test-report models test-orchestrate lint bench bench-loaders bench-models bench-report bench-requests chaos vendor dist clean
.DELETE_ON_ERROR:

help:
	@echo "make demo             load the offline sample space into output/*.csv"
	@echo "make report           draw the offline sample space into output/report.html"
	@echo "make docs             write what is generated: columns, models, recipes and their pictures"
	@echo "make test             run every test, the linter and the type checker"
	@echo "make test-report      look at the report in Chromium and LibreOffice (5 minutes)"
	@echo "make models           build the models on DuckDB and PostgreSQL, with all their tests (5 minutes)"
	@echo "make test-orchestrate run the Airflow project for real (5 minutes)"
	@echo "make lint             run the linter and the type checker alone"
	@echo "make bench            measure speed and memory against others (30 minutes)"
	@echo "make bench-loaders    measure what loaders take for 300,000 rows (20 minutes)"
	@echo "make bench-models     measure what the models take for 5,000 to 80,000 issues"
	@echo "make bench-report     measure the report of 20,000 issues (10 minutes)"
	@echo "make bench-requests   count the requests that reading issues costs"
	@echo "make chaos            try random faults for ten minutes, and count the rows"
	@echo "make vendor           fetch the charting library of the report from npm"
	@echo "make dist             build wheel and sdist, check them, install and run them"
	@echo "make clean            remove what the other commands installed and wrote"

demo: .venv/.ready .venvs/target-csv/.ready
	@$(BIN)/python -m scripts.demo

report: .venv/.ready
	@$(BIN)/tap-backlog-report --demo --file output/demo.duckdb --output output/report.html --xlsx

docs: .venv/.ready .venvs/target-duckdb/.ready .venvs/report/.ready .venvs/dbt/.ready
	@$(BIN)/python -m scripts.columns
	@$(BIN)/python -m scripts.scaling
	@$(BIN)/python -m scripts.hub
	@$(BIN)/python -m scripts.compile_models
	@$(BIN)/python -m scripts.recipe_pictures
	@$(BIN)/python -m scripts.report_pictures

test: lint $(LOADERS) .venvs/meltano/.ready .venvs/report/.ready .venvs/dbt/.ready .venvs/pandas/.ready
	$(BIN)/python -m pytest

# These two take too long to be part of the tests of every change; CI runs them beside them.
test-report: .venv/.ready
	$(BIN)/python -m pytest -n2 tests/report/test_*.py tests/report/*_in_*.py

models: .venv/.ready $(LOADERS) .venvs/dbt/.ready
	$(BIN)/python -m pytest -n2 tests/models/test_*.py tests/models/databases.py tests/models/many_spaces.py tests/models/odd_spaces.py

test-orchestrate: .venv/.ready .venvs/target-duckdb/.ready .venvs/airflow/.ready
	$(BIN)/python -m pytest -n0 orchestrate

lint: .venv/.ready
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy

bench: .venv/.ready $(BENCH)
	@$(BIN)/python -m benchmarks.speed
	@.venvs/bench-chart/bin/python benchmarks/chart.py output/bench.json output/bench.png
	@echo "The chart is in output/bench.png."

bench-loaders: .venv/.ready $(LOADERS)
	@$(BIN)/python -m benchmarks.loaders

bench-models: .venv/.ready .venvs/dbt/.ready
	@$(BIN)/python -m benchmarks.models

bench-report: .venv/.ready
	@$(BIN)/python -m benchmarks.report

bench-requests: .venv/.ready
	@$(BIN)/python -m benchmarks.requests_needed

chaos: .venv/.ready
	@$(BIN)/python -m tests.chaos

vendor: .venv/.ready
	@$(BIN)/python -m scripts.vendor

dist: .venv/.ready .venvs/dist/.ready
	@$(BIN)/python -m scripts.dist

clean:
	rm -rf .venv .venvs .meltano .mypy_cache .pytest_cache .ruff_cache .hypothesis output dist

.venv/.ready: pyproject.toml requirements/dev.txt
	@echo "Setting up .venv"
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 10) and 'Python 3.10 or newer is needed; name one with: make PYTHON=python3.12')"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -r requirements/dev.txt
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --editable .
	@touch $@

# Each loader, and Meltano, has its own environment, as users have it.
.venvs/%/.ready: requirements/%.txt .venv/.ready
	@echo "Setting up .venvs/$*"
	@$(BIN)/uv venv --quiet --clear --no-project --python $(BIN)/python .venvs/$*
	@$(BIN)/uv pip install --quiet --python .venvs/$*/bin/python -r $<
	@touch $@
