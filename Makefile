# make demo and make test need Python 3.11 or later and make, nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
BENCHMARKS := conll2010_bio checkthat_subj_en babe
PROTOCOLS := $(basename $(notdir $(wildcard configs/train/benchmarks/*.yaml)))
VARIANTS := $(basename $(notdir $(wildcard configs/train/ablations/*.yaml)))
# a held-out fold of news3 train, the one that the teacher has not seen either, and a seed each
FOLD_AND_SEED := 0-13 0-14 0-15
INSTALLED := $(VENV)/installed

.PHONY: demo test bench chaos fuzz report figures benchmarks ablations lint clean

demo: $(INSTALLED)
	$(BIN)/reportedly score examples/archive -o out/demo/scores.parquet --articles out/demo/articles.parquet --keep outlet --overwrite
	$(BIN)/reportedly highlight examples/archive/harbour-fire.txt -o out/demo/harbour-fire.html
	$(BIN)/reportedly summary out/demo/scores.parquet --by outlet

test: $(INSTALLED)
	$(BIN)/python -m pytest -n auto --dist worksteal

bench: $(INSTALLED)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[fast]"
	$(BIN)/python benchmarks/throughput.py
	$(BIN)/python benchmarks/scaling.py --measure

chaos: $(INSTALLED)
	$(BIN)/python benchmarks/chaos.py --kills 100

# eleven targets; SECONDS for each
SECONDS ?= 60
fuzz: $(INSTALLED)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[fuzz]"
	$(BIN)/python benchmarks/fuzz.py --seconds $(SECONDS)

report: $(INSTALLED)
	$(BIN)/reportedly eval -o runs/report

# needs the shared corpora (REPORTEDLY_CORPORA), which are not in the repository
figures: report
	$(BIN)/reportedly eval --corpus news3 --split dev -o runs/report-news3
	for name in $(BENCHMARKS); do $(BIN)/reportedly eval --corpus $$name -o runs/$$name; done
	$(BIN)/python -m reportedly.eval.figures runs/report runs/report-news3 $(BENCHMARKS:%=runs/%)

# hours on two cores, and the shared corpora too; what is finished is not run again
benchmarks: runs/unseen/training.json
	for name in $(PROTOCOLS); do \
		$(BIN)/reportedly benchmark configs/train/benchmarks/$$name.yaml -o runs/benchmarks/$$name || exit; done
	$(BIN)/python -m reportedly.eval.figures

runs/unseen/training.json: | $(VENV)/trains
	$(BIN)/reportedly train configs/train/unseen.yaml -o $(@D)

ablations: $(foreach variant,$(VARIANTS),$(FOLD_AND_SEED:%=runs/ablations/$(variant)/%/training.json))
	$(BIN)/python -m reportedly.eval.figures $(VARIANTS:%=runs/ablations/%)

runs/ablations/%/training.json: | $(VENV)/trains
	$(BIN)/reportedly train configs/train/ablations/$(patsubst %/,%,$(dir $*)).yaml -o $(@D) \
		--fold $(word 1,$(subst -, ,$(notdir $*))) --seed $(word 2,$(subst -, ,$(notdir $*)))

$(VENV)/trains: $(INSTALLED)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[train]"
	touch $@

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	mkdir -p $(VENV)/typed && ln -sfn "$(CURDIR)" $(VENV)/typed/reportedly
	cd $(VENV)/typed && MYPYPATH="$(CURDIR)/benchmarks" ../bin/mypy --config-file "$(CURDIR)/pyproject.toml" \
		$(foreach room,model archive training eval,-p reportedly.$(room)) -m reportedly -m reportedly.cli \
		$(foreach file,$(wildcard benchmarks/*.py),-m $(basename $(notdir $(file))))

$(INSTALLED): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt torch
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[fast,html,test]"
	touch $@

clean:
	rm -rf $(VENV) out build dist *.egg-info
