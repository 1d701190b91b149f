# Everything is in tools/; `make test ARGS="-k turns"` hands ARGS on.
DEV = $(shell command -v python3.11 || command -v python3) -Es -m tools.dev

.PHONY: run test check bench demo screenshots translate bundle lock setup clean

run:  # set up what is missing and start, on HOST and PORT
	@$(DEV) run
test:  # everything: linters, unit, integration and browser tests
	@$(DEV) test $(ARGS)
check:  # the fast half of it, in under a minute
	@$(DEV) check $(ARGS)
bench:  # the load generator
	@$(DEV) bench $(ARGS)
demo:  # an example group in instance/, for looking
	@$(DEV) demo $(ARGS)
screenshots:  # the pictures of the README
	@$(DEV) screenshots $(ARGS)
translate:  # new texts into the catalogs of ementor/translations; ARGS=nb begins a new language
	@$(DEV) translate $(ARGS)
bundle:  # static/built from static/js and static/css, and the editor's bundle from static/editor/src
	@$(DEV) bundle
lock:  # requirements*.txt anew from pyproject.toml, each package-lock.json from its package.json
	@$(DEV) lock
setup:  # only what run needs, without starting
	@$(DEV) setup
clean:  # takes away .venv and caches, never instance/
	@$(DEV) clean
