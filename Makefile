# Everything is in ementor/dev.py; `make test ARGS="-k turns"` hands ARGS on.
# -I: the folder ementor/ must not hide modules of the standard library.
DEV = $(shell command -v python3.11 || command -v python3) -I ementor/dev.py

.PHONY: run test check bench demo screenshots translate lock setup clean

run:          ; @$(DEV) run          # set up what is missing and start on HOST and PORT
test:         ; @$(DEV) test $(ARGS) # everything: linters, unit, integration and browser tests
check:        ; @$(DEV) check $(ARGS) # the fast half of it, in under a minute
bench:        ; @$(DEV) bench $(ARGS) # the load generator
demo:         ; @$(DEV) demo $(ARGS) # an example group in instance/, for looking
screenshots:  ; @$(DEV) screenshots  # the pictures of the README
translate:    ; @$(DEV) translate    # new strings into the catalogs of ementor/translations
lock:         ; @$(DEV) lock         # requirements*.txt anew from pyproject.toml
setup:        ; @$(DEV) setup        # only what `run` needs, without starting
clean:        ; @$(DEV) clean        # takes away .venv and caches, never instance/
