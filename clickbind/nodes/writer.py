"""Write plain values as YAML that means the same in YAML 1.1 and 1.2."""

from __future__ import annotations

import base64
import re
import sys
from typing import Any

import yaml

from . import NULLS, Bare, Quoted
from .core_schema import core_text

__all__ = ["write"]

# Texts that mean the same without quotes in YAML 1.1 and 1.2: they start like a word or a path, and have no special
# characters.
_PLAIN = r"(?:[A-Za-z_/]|\.{1,2}/)[\w/.+@%-]*(?: [\w/.+@%-]+)*"
_VARIABLE = r"\$[\w${]"  # the start of a variable, or of an escaped dollar sign, in a file
_WORDS_1_1 = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
_MEANT_1_1 = frozenset({"=", "<<"})  # the value and the merge key of YAML 1.1
# ASCII and other printable characters: no controls, NEL, separators, byte order marks or surrogates, which readers
# change.
_ONE_LINE = r"[\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010fffe]*"


class _Dumper(yaml.SafeDumper):
    """Dump YAML by PyYAML, with quotes around texts that YAML 1.1 or 1.2 could read as something else."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _represent_quoted(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    """Write a text in single quotes, or in double quotes if it needs escapes.

    Variables are expanded in double quotes, but not under the tag ``!``.
    """
    text = str(text)
    if re.fullmatch(_ONE_LINE, text):
        return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="'")
    return dumper.represent_scalar("!" if "$" in text else "tag:yaml.org,2002:str", text, style='"')


def _represent_bare(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    """Write a text without quotes, with the tag that YAML 1.1 resolves it to, so that the tag is not written.

    A text that needs quotes, such as ``my: file`` or ``[a-z]+``, is written as ``!!binary``: in quotes, it would be
    read as a str.
    """
    text = str(text)
    analysis = dumper.analyze_scalar(text)
    is_plain = analysis.allow_block_plain and not analysis.multiline
    if not is_plain or text in NULLS or text in _MEANT_1_1 or re.search(_VARIABLE, text):
        data = base64.b64encode(text.encode("utf-8", "surrogateescape")).decode("ascii")
        return dumper.represent_scalar("tag:yaml.org,2002:binary", data)
    tag: str = dumper.resolve(yaml.ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]
    return dumper.represent_scalar(tag, text)


def _represent_str(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    if re.fullmatch(_PLAIN, text, re.ASCII) and text.lower() not in _WORDS_1_1 and core_text(text) == text:
        return dumper.represent_scalar("tag:yaml.org,2002:str", text)
    return _represent_quoted(dumper, text)


_Dumper.add_representer(str, _represent_str)
_Dumper.add_representer(Quoted, _represent_quoted)
_Dumper.add_representer(Bare, _represent_bare)


def write(key: str, plain: Any) -> str:
    """Write one key and its value.

    Parameters
    ----------
    key : str
        The key.
    plain : object
        None, bool, int, float, str, `Bare`, `Quoted`, and lists and dicts of those.

    Raises
    ------
    ValueError
        If YAML cannot represent the value.
    """
    try:
        text: str = yaml.dump(
            {key: plain},
            Dumper=_Dumper,
            allow_unicode=True,
            default_flow_style=False,
            sort_keys=False,
            width=sys.maxsize,
        )
    except yaml.YAMLError as error:
        raise ValueError(error.args[0]) from None  # the other arguments hold the value, whose repr may raise
    return text
