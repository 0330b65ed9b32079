# For those who type make; everything is in run.py.
.PHONY: report test lab lint lock bench help
report test lab lint lock bench help:
	python3 run.py $@
