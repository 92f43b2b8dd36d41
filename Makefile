# make run    install into .venv and open the studio on http://127.0.0.1:7860   (TRAIN=no leaves training out)
# make test   install what the tests need, a browser included, and run every test; CI leaves out details
# make nightly  run the tests that take minutes and print their figures
# make coverage  run every test but the browser's and say which lines none of them reaches
# make check  lint, types, floors; does not run the tests

PYTHON ?= python3
TRAIN  ?= yes
PORT   ?= 7860
LEAVE  ?= nightly
VENV   := .venv
BIN    := $(VENV)/bin
# Most of what is installed is never imported: what is, Python compiles when it is.
PIP    := $(BIN)/python -m pip --disable-pip-version-check
FILES  := app.py studio tests benchmarks

ifeq ($(TRAIN),no)
EXTRA  := core
TARGET := .
SIZE   := about 1 GB on disk
else
EXTRA  := train
TARGET := .[train]
SIZE   := about 2 GB on disk with PyTorch's CPU build, 7 GB with its CUDA build
endif

.PHONY: run test nightly coverage check browser clean

run: $(VENV)/installed-$(EXTRA)
	$(BIN)/python app.py --port $(PORT)

test: $(VENV)/installed-dev browser
	@echo "Browser tests run beside the others; what they print comes at the end."
	@$(BIN)/python -m pytest -m 'e2e and not ($(LEAVE))' -n 2 --dist loadfile $(PYTEST) >.browser-tests.log 2>&1 & browser=$$!; \
	$(BIN)/python -m pytest -m 'not e2e and not ($(LEAVE))' -n 2 --dist loadfile --no-loadscope-reorder $(PYTEST); code=$$?; \
	wait $$browser || code=$$?; cat .browser-tests.log; exit $$code

nightly: $(VENV)/installed-dev
	$(BIN)/python -m pytest -m nightly -s $(PYTEST)
	STUDIO_EXAMPLES=50 $(BIN)/python -m pytest -m 'not nightly' tests/reader tests/test_template*.py $(PYTEST)

coverage: $(VENV)/installed-dev
	$(BIN)/python -m coverage erase
	$(BIN)/python -m pytest -m 'not e2e and not nightly' --cov --cov-report= $(PYTEST)
	$(BIN)/python -m coverage report --skip-covered

check: $(VENV)/installed-dev
	$(BIN)/ruff format --check $(FILES)
	$(BIN)/ruff check $(FILES)
	$(BIN)/mypy
	$(BIN)/lint-imports

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Dataset Studio needs Python 3.11 or newer with venv; name one: make PYTHON=python3.12"; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed-core $(VENV)/installed-train: $(VENV)/bin/python pyproject.toml constraints.txt
	@echo "Installing Dataset Studio and what it needs into $(VENV): $(SIZE). This happens once."
	$(PIP) install --quiet --no-compile -e '$(TARGET)' -c constraints.txt
	@touch $@

$(VENV)/installed-dev: $(VENV)/bin/python pyproject.toml constraints.txt
	@echo "Installing Dataset Studio, training and the test tools into $(VENV): about 2 GB on disk. This happens once."
	$(PIP) install --quiet --no-compile -e '.[train,dev]' -c constraints.txt
	@touch $(VENV)/installed-train $@

browser:
	@$(PYTHON) tests/e2e/browser.py || { \
	  echo "No browser found; installing Debian's chromium."; \
	  if [ "$$(id -u)" = 0 ]; then sudo=; else sudo=sudo; fi; \
	  $$sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -y -qq chromium >/dev/null; \
	} || { echo "Chromium could not be installed. Install a Chromium or Chrome, or name one: STUDIO_BROWSER=/path make test"; exit 2; }

clean:
	rm -rf $(VENV) .coverage* .browser-tests.log .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis *.egg-info
