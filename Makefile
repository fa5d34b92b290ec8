# Everything a newcomer or an owner needs: `make try`, `make test`, `make run`.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: setup try run test check torture bench pictures format requirements clean
.DEFAULT_GOAL := setup

setup: .venv/.runtime

.venv/.runtime: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Ficshelf needs Python 3.11 or newer; this is $$($(PYTHON) --version). Try: make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

.venv/.dev: .venv/.runtime requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

try: setup       ## the bot in a Discord on this machine: no token, no account
	$(BIN)/python bot.py try

run: setup       ## the bot on Discord, with config.toml or DISCORD_TOKEN
	$(BIN)/python bot.py run

check: .venv/.dev ## style, types and import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports

test: check
	$(BIN)/python -m pytest --numprocesses auto

torture: .venv/.dev ## the long tests against faults; a table at the end
	$(BIN)/python -m tests.torture $(if $(ONLY),--only $(ONLY)) $(if $(SHARE),--share $(SHARE))

.venv/.bench: .venv/.dev requirements-bench.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.txt
	@touch $@

bench: .venv/.bench ## benchmarks; tables here, JSON in bench-results/
	$(BIN)/python -m tests.bench $(if $(SIZES),--works $(SIZES))

pictures: .venv/.dev ## the pictures of README and docs; needs Chromium
	$(BIN)/python -m tests.pictures $(if $(ONLY),--only $(ONLY))

format: .venv/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

requirements:    ## after changing pyproject.toml; needs uv
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-header --output-file requirements.txt pyproject.toml
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-header --group dev --output-file requirements-dev.txt pyproject.toml
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-header --extra web --output-file requirements-web.txt pyproject.toml
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-header --group pyproject.toml:bench --output-file requirements-bench.txt

clean:
	rm -rf .venv .pytest_cache .ruff_cache .hypothesis bench-results
