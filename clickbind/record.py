"""A resolved run to YAML text that reads back as the same run, and the write that never loses the old file."""

from __future__ import annotations

import contextlib
import os
import re
import stat
import sys
from collections.abc import Iterable
from typing import Any

import yaml
from click.core import ParameterSource

from . import config
from .conversion import Converter
from .errors import ConfigError, SaveError
from .keys import Key
from .nodes import core_text
from .registry import RUN, Registry
from .resolve import ResolvedValue, Values
from .signature import ParameterSpec
from .turns import Turn
from .unions import Quoted

__all__ = ["compose", "save"]

# Read alike, unquoted, by YAML 1.1 and 1.2: what starts like a word or a path and has nothing in it that means more.
_PLAIN = r"(?:[A-Za-z_/]|\.{1,2}/)[\w/.+@%-]*(?: [\w/.+@%-]+)*"
_WORDS_1_1 = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
_SHOWN = 60  # characters of a default that a comment shows
# ASCII and what prints: not the controls, NEL, separators, byte order marks and surrogates, which readers change.
_ONE_LINE = r"[\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]*"


class _Dumper(yaml.SafeDumper):
    """PyYAML's dumper, with quotes wherever a reader of YAML 1.1 or 1.2 could see more than the text."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _represent_quoted(dumper: yaml.SafeDumper, text: Quoted) -> yaml.ScalarNode:
    style = "'" if re.fullmatch(_ONE_LINE, text) else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", str(text), style=style)


def _represent_str(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = None
    if not re.fullmatch(_PLAIN, text, re.ASCII) or text.lower() in _WORDS_1_1 or core_text(text) != text:
        style = "'" if re.fullmatch(_ONE_LINE, text) else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_str)
_Dumper.add_representer(Quoted, _represent_quoted)


def compose(registry: Registry, values: Values, turns: Iterable[Turn]) -> str:
    """Write a run as YAML: flat keys, sorted, an empty line between functions.

    Parameters
    ----------
    registry : Registry
        The functions; each parameter that can be set is written.
    values : Values
        What was given.
    turns : iterable of Turn
        What is run.

    Raises
    ------
    SaveError
        Where a given value would not come back the same.
    """
    turns = list(turns)
    groups: dict[str, dict[str, str]] = {}
    for key, _, spec in registry.walk():
        given = _given(key, values, turns)
        if key.scope is not None and given is values.get(key.function, key.parameter):
            continue
        if given is not None or spec.has_default:
            groups.setdefault(key.owner, {})[key.text] = _entry(key, spec, given, registry)
    return "\n".join("".join(text for _, text in sorted(group.items())) for _, group in sorted(groups.items()))


def _given(key: Key, values: Values, turns: list[Turn]) -> ResolvedValue | None:
    found = values.get(key.function, key.parameter, (key.scope,) if key.scope else ())
    if key == (RUN, "stages", None):  # what the run does, whoever asked for it
        return ResolvedValue(turns, *(found[1:] if found else (ParameterSource.DEFAULT, "default")))
    return found


def _entry(key: Key, spec: ParameterSpec, given: ResolvedValue | None, registry: Registry) -> str:
    """Write one key, and read it back. A default that does not come back is left out, with a comment."""
    value = spec.default if given is None else given.value
    if spec.secret:
        return f"# {key.text}: a secret is not saved\n"
    try:
        text = _dump(key, spec, value)
        back = config.load_text(text, "what would be saved", registry)[key].value
        assert spec.converter is not None  # an option has one
        if _same(value, back, spec.converter):
            return text
        problem = f"{spec.converter.to_plain(value)!r} would come back as {spec.converter.to_plain(back)!r}"
    except (yaml.YAMLError, TypeError, ValueError, AttributeError, ConfigError) as error:
        problem = f"{value!r} cannot be written ({str(error).splitlines()[0]})"
    if given is not None:
        raise SaveError(f"{key.text}: {problem}, so the run is not saved.")
    shown = ascii(value)
    shown = shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN - 3]}..."
    return f"# {key.text}: its default {shown} cannot be written\n"


def _dump(key: Key, spec: ParameterSpec, value: Any) -> str:
    assert spec.converter is not None  # an option has one
    plain = None if value is None else spec.converter.to_plain(value)
    text: str = yaml.dump(
        {key.text: plain},
        Dumper=_Dumper,
        allow_unicode=True,
        default_flow_style=False,
        sort_keys=False,
        width=sys.maxsize,
    )
    return text


def _same(value: Any, back: Any, converter: Converter) -> bool:
    """Whether a value came back: the same type and plain form. An int serves where a float is expected (PEP 484)."""
    if type(value) is not type(back) and not (type(value) is int and type(back) is float):
        return False
    if isinstance(value, dict) and value == back:
        return True  # a dict of another order is the same
    return value is None or repr(converter.to_plain(value)) == repr(converter.to_plain(back))


def save(text: str, path: str) -> None:
    """Write a file so that at every moment it is the old one or the new one.

    Parameters
    ----------
    text : str
        What to write, as UTF-8.
    path : str
        The file; ``-`` is standard output. Folders are made. What exists and is no regular file is written to
        directly; of a symbolic link, the target is replaced.

    Raises
    ------
    SaveError
        Where it cannot be written. The old file is as it was.
    """
    data = text.encode("utf-8")
    try:
        if path == "-":
            sys.stdout.flush()  # what was printed before comes before
            binary = getattr(sys.stdout, "buffer", None)
            if binary is None:
                sys.stdout.write(text)
            else:
                binary.write(data)
            sys.stdout.flush()
            return
        target = os.path.realpath(os.path.expanduser(path))
        mode = os.stat(target).st_mode if os.path.exists(target) else None
        if mode is not None and not stat.S_ISREG(mode):
            with open(target, "wb") as file:
                file.write(data)
            return
        os.makedirs(os.path.dirname(target), exist_ok=True)
        _replace(data, target, mode)
    except OSError as error:
        raise SaveError(f"{path}: the run cannot be saved: {error.strerror or error}.") from None


def _replace(data: bytes, target: str, mode: int | None) -> None:
    """Write beside the target, flush to the disk, and rename over it."""
    temporary = os.path.join(os.path.dirname(target), f".clickbind-{os.getpid()}-{os.urandom(4).hex()}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)  # the umask decides, as for any file
    try:
        with open(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            os.chmod(temporary, stat.S_IMODE(mode))
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
