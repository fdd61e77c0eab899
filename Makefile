# Two commands do everything on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
DATA   ?= ../shared/data
# Virtual patients of the planning study; 1000 take a night.
PATIENTS ?= 100
UV     := UV_PROJECT_ENVIRONMENT=$(VENV) $(BIN)/uv
STAMP  := $(VENV)/.installed

.PHONY: install demo test test-all lint bench docs clean validator

install: $(STAMP)

$(STAMP): pyproject.toml uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; set PYTHON=… to one."; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
	  { echo "Could not make a virtual environment; on Debian: apt-get install python3-venv"; exit 2; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv==0.13.8"
	$(UV) sync --frozen --quiet
	@touch $(STAMP)

demo: install
	$(BIN)/sacroplasty demo

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# An independent DICOM validator; where it cannot be installed, the tests that ask it say so and skip.
validator:
	@command -v dciodvfy >/dev/null 2>&1 || \
	  { test "$$(id -u)" = 0 && command -v apt-get >/dev/null 2>&1 && \
	    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq dicom3tools >/dev/null 2>&1; } || true

# A worker a core; waiting threads sleep, for the cores are shared.
PYTEST := OMP_WAIT_POLICY=PASSIVE $(BIN)/pytest --numprocesses=2 --dist=loadgroup

test: lint docs validator
	$(PYTEST) --cov --cov-report=term

test-all: lint docs validator
	$(PYTEST) -m ""

# The peers live in an environment of their own; plastimatch is taken from the system if it is there.
bench: install
	test -x bench-env/bin/python || $(PYTHON) -m venv bench-env
	bench-env/bin/python -m pip install --quiet --disable-pip-version-check -r benchmarks/peers/requirements.txt
	OMP_WAIT_POLICY=PASSIVE $(BIN)/python benchmarks/run.py
	$(BIN)/sacroplasty bench anatomy --out benchmarks/anatomy.md $(if $(wildcard $(DATA)),--data $(DATA))
	OMP_WAIT_POLICY=PASSIVE $(BIN)/sacroplasty bench fluoroscopy --out benchmarks/fluoroscopy.md $(if $(wildcard $(DATA)),--data $(DATA))
	$(BIN)/sacroplasty bench injection --out benchmarks/injection.md
	$(BIN)/sacroplasty bench planning --out benchmarks/planning.md --patients $(PATIENTS) $(if $(wildcard $(DATA)),--data $(DATA))

docs: install
	$(BIN)/sphinx-build -W --keep-going -q -b html docs docs/_build/html
	@echo docs/_build/html/index.html

clean:
	rm -rf $(VENV) docs/_build docs/generated demo-case demo-patient
