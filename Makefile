# make demo   everything from nothing: install, build, emulate, flash, run, read
# make test   every check and test; .ci/run calls this
# The rest: make help

SHELL := /bin/bash
.DELETE_ON_ERROR:

VENV := .venv
PY := $(VENV)/bin/python
PACKAGES := gcc gcc-arm-none-eabi libnewlib-arm-none-eabi libstdc++-arm-none-eabi-newlib cmake ninja-build make git \
	clang-14 libclang-rt-14-dev \
	dpkg-dev debian-archive-keyring xz-utils bzip2 python3-venv python3-dev
FUZZ_SECONDS ?= 600
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
PYTEST_ARGS ?=

.PHONY: help deps firmware demo test check fuzz bench pictures requirements clean

help:
	@echo "make demo      install, build, start a virtual bench, flash, run a specimen, show the result"
	@echo "make test      every check and test (PYTEST_ARGS='-k name' narrows it)"
	@echo "make check     types, lint, warnings of the C core"
	@echo "make fuzz      feed the core made-up fields (FUZZ_SECONDS=600)"
	@echo "make firmware  build/ctc-reader.uf2, .elf and .json (PRODUCTION=1: no REPL)"
	@echo "make bench     figures, beside their peers, as a table and out/bench.json"
	@echo "make pictures  the display's pages for the documents, from a virtual bench"
	@echo "make deps      install Debian packages and the virtual environment only"
	@echo "make clean     remove build/, out/ and .venv/"

# Debian packages: asked for only when one is missing, so that a second run needs neither root nor network.
deps: $(VENV)/.done
build/.packages: Makefile
	@mkdir -p build
	@missing=""; for p in $(PACKAGES); do \
	    dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q "ok installed" || missing="$$missing $$p"; done; \
	if [ -n "$$missing" ]; then \
	    echo "Installing$$missing"; \
	    $(SUDO) apt-get -q update && $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get -q install -y \
	        --no-install-recommends $$missing; fi
	@touch $@

# The virtual environment, with this package in it (which compiles the C core's cffi module).
$(VENV)/.requirements: build/.packages requirements.txt requirements-stubs.txt
	python3 -m venv $(VENV)
	$(PY) -m pip install -q --disable-pip-version-check -r requirements.txt
	$(PY) -m pip install -q --disable-pip-version-check --no-deps --upgrade --target $(VENV)/micropython-stubs \
	    -r requirements-stubs.txt
	@touch $@
$(VENV)/.done: $(VENV)/.requirements pyproject.toml $(shell find native/include native/src native/bindings/cffi -type f 2>/dev/null)
	$(PY) -m pip install -q --disable-pip-version-check --no-build-isolation --no-deps -e .
	@echo "Compiling the emulator's core for this Python (once)"
	@$(PY) -m host.bench.accelerate >/dev/null
	@touch $@

firmware: deps
	@$(PY) -m firmware.tools.build $(if $(PRODUCTION),--production)

demo: firmware
	@docs/demo.sh

check: deps
	@.ci/check

test: firmware check
	$(PY) -m pytest $(PYTEST_ARGS)

fuzz: deps
	@$(PY) native/fuzz/run.py --seconds $(FUZZ_SECONDS)

bench: firmware
	@$(PY) -m host.benchmark

pictures: firmware
	@$(PY) docs/make_pictures.py

requirements: deps
	$(PY) -m pip install -q --upgrade -r requirements.in
	$(PY) -m pip freeze --all --exclude-editable --exclude pip > requirements.txt

clean:
	rm -rf build out $(VENV)
