# The commands of this repository. `make train` and `make test` need nothing but Python 3.11 and g++ 12.
.DEFAULT_GOAL := help
.PHONY: help train test test-oracle test-sanitized test-threads fuzz test-recipe lint format wheel size \
        record stubs differences coverage examples seeds-full build core-tests environment test-environment clean

VENV := .venv
ORACLE_VENV := .venv-oracle
LINT_VENV := .venv-lint
WHEEL_VENV := .venv-wheel
PYTHON_IN := $(abspath $(VENV))/bin/python
JOBS := $(shell getconf _NPROCESSORS_ONLN)
# CMake and Ninja come from the environment where the machine has none.
export PATH := $(abspath $(VENV))/bin:$(PATH)
# A compiler cache is used where there is one.
LAUNCHER := $(if $(shell command -v ccache),-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
CONFIGURE = cmake -S . -G Ninja $(LAUNCHER) -DCMAKE_CXX_COMPILER="$$(scripts/find_tool.sh compiler)" \
            -DPython_EXECUTABLE=$(PYTHON_IN) -DLAMPAS_CORE_TESTS=ON

# Stops with one line that names the package to install where a tool is missing or too old.
require = $(if $(shell scripts/find_tool.sh $(1) 2>/dev/null),,$(error $(shell scripts/find_tool.sh $(1) 2>&1)))

help:
	@echo "make train            train on the embedded digits and leave results in runs/"
	@echo "make test             run the tests (PyTorch is not needed)"
	@echo "make test-oracle      compare live with PyTorch 2.13.0, which is installed into $(ORACLE_VENV)"
	@echo "make test-sanitized   run the tests under the address and undefined-behaviour sanitizers"
	@echo "make test-threads     run the C++ tests under ThreadSanitizer"
	@echo "make test-recipe      add an op to a copy of the repository as CONTRIBUTING.md says, build and try it"
	@echo "make fuzz             20,000 fuzzed calls of all ops, a tenth compared with PyTorch where it is"
	@echo "make lint             check formatting, lint and types; make format mends what can be mended"
	@echo "make wheel            build a wheel, check its tag, try it in an empty environment"
	@echo "make size             bytes and compile seconds of each family of the core"
	@echo "make record           record PyTorch's results again under tests/recorded"
	@echo "make stubs            write src/lampas/_core.pyi from the signatures"
	@echo "make differences      write docs/differences.md; make coverage docs/coverage.md"
	@echo "make examples         write the documents' scripts and notebooks in examples/"
	@echo "make seeds-full       train the documents' networks at full length on the data sets in DATA"

train: environment
	@echo "[1/3] environment ready in $(VENV)"
	@echo "[2/3] compiling the core (minutes the first time, seconds after)"
	@$(MAKE) --no-print-directory build
	@echo "[3/3] training on the embedded digits"
	@$(VENV)/bin/lampas train --data digits --model lenet

environment:
	$(call require,compiler)
	$(if $(wildcard $(VENV)/bin/python),,$(call require,python))
	@scripts/make_environment.sh $(VENV) build run

test-environment: environment
	@scripts/make_environment.sh $(VENV) test

build/build.ninja:
	@$(CONFIGURE) -B build > build.log 2>&1 || { cat build.log; rm -f build.log; exit 1; }
	@mv build.log build/configure.log

build: environment build/build.ninja
	@ninja -C build -j $(JOBS) --quiet _core

core-tests: environment build/build.ninja
	@ninja -C build -j $(JOBS) --quiet core_tests

test: test-environment build core-tests
	@mkdir -p build/reports
	build/core_tests | tee build/reports/core_tests.txt | tail -n 1
	@tail -n 1 build/reports/core_tests.txt | grep -q ' 0 failed$$'
	$(VENV)/bin/python -m pytest -q -n $(JOBS) tests --ignore=tests/oracle --junitxml=build/reports/tests.xml

test-oracle: build
	@scripts/make_environment.sh $(ORACLE_VENV) oracle
	@mkdir -p build/reports
	$(ORACLE_VENV)/bin/python -m pytest -q tests/oracle --junitxml=build/reports/oracle.xml

# The sanitized extension lies in a copy of the package, so that the ordinary one stays as it is. Paths are
# absolute: tests start processes in other folders. --capture=sys lets through what a sanitizer says as it ends
# a process.
SANITIZED := $(abspath build/sanitized)
SANITIZER_LIBRARIES = $$($$(scripts/find_tool.sh compiler) -print-file-name=libasan.so) \
                      $$($$(scripts/find_tool.sh compiler) -print-file-name=libstdc++.so)
# Python itself keeps memory until the process ends: leaks are looked for in the C++ tests alone.
export UBSAN_OPTIONS := print_stacktrace=1:halt_on_error=1
test-sanitized: test-environment
	@mkdir -p $(SANITIZED)
	$(CONFIGURE) -B $(SANITIZED) -DLAMPAS_SANITIZE=address,undefined \
	  -DLAMPAS_LINK_INTO_SOURCE=OFF > $(SANITIZED)/configure.log
	ninja -C $(SANITIZED) -j $(JOBS) --quiet
	ASAN_OPTIONS=allocator_may_return_null=1 $(SANITIZED)/core_tests
	rm -rf $(SANITIZED)/package && mkdir $(SANITIZED)/package && cp -r src/lampas $(SANITIZED)/package/
	rm -f $(SANITIZED)/package/lampas/_core*.so && cp $(SANITIZED)/_core*.so $(SANITIZED)/package/lampas/
	PYTHONPATH=$(SANITIZED)/package PYTHONMALLOC=malloc LD_PRELOAD="$(SANITIZER_LIBRARIES)" \
	  ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1 \
	  $(VENV)/bin/python -m pytest -q -n $(JOBS) --capture=sys -m 'not weighs_memory' tests --ignore=tests/oracle

# ThreadSanitizer cannot start threads in the child of a fork; tests that do so are left out of this build.
test-threads: environment
	@mkdir -p build/threads
	$(CONFIGURE) -B build/threads -DLAMPAS_SANITIZE=thread -DLAMPAS_PYTHON=OFF > build/threads/configure.log
	ninja -C build/threads -j $(JOBS) --quiet core_tests
	TSAN_OPTIONS=die_after_fork=0 build/threads/core_tests

test-recipe: test-environment build
	LAMPAS_FOLLOW_RECIPE=1 $(VENV)/bin/python -m pytest -q tests/architecture/test_recipe.py

# PyTorch is there once `make test-oracle` has run.
FUZZING_PYTHON = $(firstword $(wildcard $(ORACLE_VENV)/bin/python) $(VENV)/bin/python)
FUZZED_CALLS := 20000
fuzz: build
	PYTHONPATH=src:tests $(FUZZING_PYTHON) tests/robustness/fuzzing.py --calls $(FUZZED_CALLS)

CPP_FILES = $(shell git ls-files 'core/*.h' 'core/*.cpp' 'tests/*.h' 'tests/*.cpp')
lint:
	@scripts/make_environment.sh $(LINT_VENV) lint
	$(LINT_VENV)/bin/ruff check .
	$(LINT_VENV)/bin/ruff format --check .
	$(LINT_VENV)/bin/clang-format --dry-run --Werror $(CPP_FILES)
	$(LINT_VENV)/bin/mypy

format:
	@scripts/make_environment.sh $(LINT_VENV) lint
	$(LINT_VENV)/bin/ruff check --fix .
	$(LINT_VENV)/bin/ruff format .
	$(LINT_VENV)/bin/clang-format -i $(CPP_FILES)

wheel: environment
	@scripts/make_environment.sh $(VENV) wheel
	scripts/try_wheel.sh $(VENV) $(WHEEL_VENV)

size: environment
	$(VENV)/bin/python scripts/measure_size.py

record:
	@scripts/make_environment.sh $(ORACLE_VENV) oracle
	@for script in tests/recorded/record_*.py; do echo "$$script"; $(ORACLE_VENV)/bin/python "$$script" || exit 1; done

stubs: build
	$(VENV)/bin/python scripts/write_stubs.py

differences: build
	$(VENV)/bin/python scripts/write_differences.py

# The real data sets lie in DATA: cifar-10-batches-py/ and MNIST/raw/.
DATA := ../shared/data
seeds-full: build
	$(VENV)/bin/python tests/seeds/train_full_length.py $(DATA)

examples:
	python3 scripts/write_examples.py

coverage: build
	@scripts/make_environment.sh $(ORACLE_VENV) oracle
	@mkdir -p build/reports
	$(ORACLE_VENV)/bin/python tests/oracle/opcheck.py all -j $(JOBS) --json build/reports/opcheck.json
	$(ORACLE_VENV)/bin/python scripts/write_coverage.py build/reports/opcheck.json

clean:
	rm -rf build dist $(VENV) $(ORACLE_VENV) $(LINT_VENV) $(WHEEL_VENV) src/lampas/_core*.so
