# make maps    set up, then assess the sample study: the map stands in maps/
# make test    set up, then check style, types and behaviour
# make bench   time the commands        make sample  make the sample study again
# make doors   send the sample and a town in 3,000 other ways: the same verdicts or a refusal
# make clean   remove everything that make made

VENV := .venv
BIN := $(VENV)/bin

# The first Python from 3.11 on; `make PYTHON=/path/to/python3 maps` takes another.
PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && \
	echo $$python && break; done)

# Programs the tests drive, as Debian calls them.
TEST_PACKAGES := chromium fonts-noto-cjk libreoffice-calc libreoffice-writer poppler-utils

# A province takes minutes, p8_map.py needs a browser; streets.py is shared.
SHORT_BENCHMARKS := $(filter-out %/province.py %/p8_map.py %/streets.py,$(sort $(wildcard benchmarks/*.py)))

export PIP_DEFAULT_TIMEOUT ?= 120
export PIP_DISABLE_PIP_VERSION_CHECK = 1

# Install Debian packages ($1), when that is allowed without asking for a password.
apt_install = ( \
	command -v apt-get >/dev/null || exit 1; \
	if [ "$$(id -u)" = 0 ]; then root=env; else root='sudo -n env'; $$root true 2>/dev/null || exit 1; fi; \
	$$root apt-get update -qq; \
	$$root DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $1 >/dev/null \
	)

.PHONY: maps test doors bench sample clean
.NOTPARALLEL:
.DELETE_ON_ERROR:

maps: $(VENV)/installed
	$(BIN)/geoplan assess .

test: $(VENV)/test-installed $(VENV)/test-packages
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/pytest -rs -n auto --maxprocesses 4 --dist worksteal

doors: $(VENV)/test-installed
	$(BIN)/python -m tests.doors --count 3000

bench: $(VENV)/installed
	set -e; for script in $(SHORT_BENCHMARKS); do $(BIN)/python $$script; done

sample: $(VENV)/installed
	$(BIN)/python tools/make_sample.py

clean:
	rm -rf $(VENV) maps build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find geoplan tests tools benchmarks -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true

# A Debian without python3-venv cannot put pip into an environment: fetch the package, else let
# the system's own pip do it from outside, else say what is missing.
$(VENV)/made:
	@test -n "$(PYTHON)" || { \
		echo "geoplan needs Python 3.11 or newer: install it, or run make PYTHON=/path/to/python3" >&2; exit 1; }
	@rm -rf $(VENV)
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || \
		$(call apt_install,$$($(PYTHON) -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')) || true
	@$(PYTHON) -m venv $(VENV) >/dev/null 2>&1 || { \
		rm -rf $(VENV) && \
		$(PYTHON) -m venv --without-pip $(VENV) 2>/dev/null && \
		$(PYTHON) -m pip --python $(BIN)/python install -q pip 2>/dev/null; \
	} || { rm -rf $(VENV); \
		echo "Python cannot make an environment here: install Debian's python3-venv and run make again" >&2; exit 1; }
	@touch $@

$(VENV)/installed: $(VENV)/made pyproject.toml constraints.txt
	$(BIN)/python -m pip install -q -c constraints.txt -e .
	@touch $@

$(VENV)/test-installed: $(VENV)/made pyproject.toml constraints.txt
	$(BIN)/python -m pip install -q -c constraints.txt -e '.[test]'
	@touch $(VENV)/installed $@

$(VENV)/test-packages: $(VENV)/made
	@missing=$$(for package in $(TEST_PACKAGES); do \
		dpkg -s $$package 2>/dev/null | grep -q '^Status: .* installed$$' || echo $$package; done | xargs); \
	if [ -n "$$missing" ] && ! $(call apt_install,$$missing); then \
		echo "Not installed: $$missing. Tests that need them are skipped." >&2; exit 0; fi; \
	touch $@
