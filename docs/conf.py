"""Build the documentation site from these pages: `make docs`.

The pages are Markdown that GitHub shows too. Only `index.md` and `commands.md` have directives of Sphinx.
"""

from __future__ import annotations

import os
import re
import sys

from sphinx.application import Sphinx

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import clickbind
from docs import make_api

project = "clickbind"
author = "the clickbind developers"
project_copyright = f"2026, {author}"
release = version = clickbind.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_click", "sphinxcontrib.mermaid"]

myst_enable_extensions = ["colon_fence"]
myst_fence_as_directive = ["mermaid"]  # as GitHub draws it
myst_heading_anchors = 3

autodoc_typehints = "none"  # the docstrings have them in words
default_role = "literal"  # numpydoc writes names between single backticks
napoleon_google_docstring = False
napoleon_use_rtype = False

nitpicky = True
nitpick_ignore_regex = [
    (r"py:.*", r"(?!clickbind).*"),  # the types in docstrings are words: "path", "callable", "sequence of str"
]

html_theme = "furo"
pygments_style = "default"  # furo's own does not colour diffs
html_title = "clickbind"
html_theme_options = {
    "source_repository": "https://github.com/clickbind/clickbind/",
    "source_branch": "main",
    "source_directory": "docs/",
}


def setup(app: Sphinx) -> None:
    """Change pages as they are read."""
    app.connect("source-read", _for_the_site)
    app.connect("autodoc-process-signature", _without_constructors)


def _without_constructors(_: Sphinx, kind: str, name: str, *__: object) -> tuple[str, str] | None:
    """Show no signature of a class whose instances a program does not make."""
    return ("", "") if kind == "class" and name.rpartition(".")[2] in make_api.MADE else None


def _for_the_site(_: Sphinx, name: str, source: list[str]) -> None:
    """Read the reference from the docstrings instead of from `api.md`, and show the names of files above their text."""
    text = make_api.directives() if name == "api" else source[0]
    source[0] = re.sub(r"(?m)^```(\w+) (\S+)$", r"```{code-block} \1\n:caption: \2\n", text)
