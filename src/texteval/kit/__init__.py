"""From a choice to a practice that texts safely: policies, consent, crisis, roles and evidence, from templates.

The texts are in ``data/kit/``: a template for each document, the promises with their keepers, and the away texts.
"""

from texteval.kit.documents import Kit, Page, RefusedError, build
from texteval.kit.pack import files, write
from texteval.kit.promises import Promise, Promised

__all__ = ["Kit", "Page", "Promise", "Promised", "RefusedError", "build", "files", "write"]
