"""``python -m texteval``."""

from texteval.cli import main

main()
