"""What a docstring says: summary, description, and a text for each parameter."""

from __future__ import annotations

import inspect
import re
from typing import Any

__all__ = ["Docstring", "first_paragraph", "parse"]

# "by default 50" and "defaults to 50": docstring_parser leaves it in the text, and help shows the default itself.
_DEFAULT = r"(?is),?\s*\(?(?:by default|defaults? to|default:)\s.*$"


class Docstring:
    """A docstring, taken apart.

    Attributes
    ----------
    text : str
        The description, without the sections; paragraphs are apart by an empty line.
    parameters : dict of str to str
        A text for each documented parameter, without the default that help shows itself.
    """

    __slots__ = ("parameters", "text")

    def __init__(self, text: str, parameters: dict[str, str]) -> None:
        self.text = text
        self.parameters = parameters


def first_paragraph(function: Any) -> str:
    """Give the summary of a docstring: its first paragraph, as one line, without parsing the rest."""
    doc = inspect.getdoc(function) or ""
    return " ".join(doc.partition("\n\n")[0].split())


def parse(function: Any) -> Docstring:
    """Take a function's docstring apart, numpydoc, Google or reST.

    Parameters
    ----------
    function : object
        The function or class; a class that documents its parameters in ``__init__`` is read there too.
    """
    import docstring_parser  # 5 ms that only help pays

    docs = [inspect.getdoc(function) or ""]
    if isinstance(function, type) and function.__init__ is not object.__init__:  # type: ignore[misc]
        docs.append(inspect.getdoc(function.__init__) or "")  # type: ignore[misc]
    parameters: dict[str, str] = {}
    texts = []
    for doc in docs:
        parsed = docstring_parser.parse(doc)
        paragraphs = [parsed.short_description, parsed.long_description]
        texts.append("\n\n".join(part for part in paragraphs if part))
        for parameter in parsed.params:
            text = re.sub(_DEFAULT, "", parameter.description or "").strip()
            for name in parameter.arg_name.split(","):
                parameters.setdefault(name.strip(" *"), text)
    return Docstring(texts[0], parameters)
