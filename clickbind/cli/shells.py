"""Complete in bash, zsh and fish, where Click's own classes fall short.

Click's scripts pass words that bash has split at ``=`` and ``:``, replace the whole of a word such as ``--mode=f`` by a
value in zsh, cut values at commas in fish, and insert values with spaces unquoted in bash. The scripts of this module
pass the line as typed, and each answer is a whole word. It follows a line that no other output has, so that a program
that prints while it is imported still completes.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
    add_completion_class,
    get_completion_class,
)

from ..keys import canonical
from .parts import typed_in

__all__ = ["Bash", "Fish", "Zsh", "registered"]

_MARK = "#clickbind"
"""The first word of the line before the answer; after it come directives for the script."""

_BASH = """\
%(complete_func)s() {
    local program=${1/#\\~/$HOME} line answer=
    type -P -- "$program" > /dev/null || program=%(prog_name)s
    COMPREPLY=()
    while IFS= read -r line; do
        if [[ -n $answer ]]; then
            COMPREPLY+=("$line")
        elif [[ $line == '#clickbind'* ]]; then
            answer="$line "
        fi
    done <<< "$(env COMP_LINE="${COMP_LINE:0:COMP_POINT}" COMP_CWORD="$2" \\
        %(complete_var)s=bash_complete "$program" 2> /dev/null < /dev/null)"
    [[ $answer == *' file '* ]] && compopt -o default
    [[ $answer == *' dir '* ]] && compopt -o dirnames
    [[ $answer == *' open '* ]] && compopt -o nospace
    return 0
}

complete -o nosort -F %(complete_func)s %(prog_name)s
"""

_ZSH = """\
#compdef %(prog_name)s

%(complete_func)s() {
    local program=${~${(Q)words[1]}} line answer word shown
    local -a lines closed closed_shown open open_shown
    [[ -x $program ]] || program=%(prog_name)s
    line="${(j: :)${(@qq)${(@Q)words[1,CURRENT-1]}}} ${(qq)${(Q)PREFIX}}"
    lines=("${(@f)$(env COMP_LINE="$line" %(complete_var)s=zsh_complete $program 2> /dev/null < /dev/null)}")
    answer="${lines[(r)\\#clickbind*]} "
    lines=("${(@)lines[${lines[(i)\\#clickbind*]}+1,-1]}")
    for word shown in "${(@)lines}"; do
        if [[ $word == open:* ]]; then
            open+=("${word#*:}") open_shown+=("$shown")
        elif [[ -n $word ]]; then
            closed+=("${word#*:}") closed_shown+=("$shown")
        fi
    done
    (( $#closed )) && _describe -V %(prog_name)s closed_shown closed -U
    (( $#open )) && _describe -V %(prog_name)s open_shown open -U -S ''
    case $answer in
        *' yaml '*) _files -g '*.(yml|yaml)' ;;
        *' file '*) _files ;;
        *' dir '*) _files -/ ;;
    esac
    (( compstate[nmatches] ))
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    %(complete_func)s "$@"
else
    compdef %(complete_func)s %(prog_name)s
fi
"""

_FISH = """\
function %(complete_func)s
    set -l token (commandline -ct)
    set -l tokens (commandline -opc)
    set -l line \\'(string replace --all -- \\' \\'\\\\\\'\\' $tokens)\\'
    set -l answer
    for word in (env COMP_LINE="$line $token" %(complete_var)s=fish_complete %(prog_name)s 2> /dev/null < /dev/null)
        if set -q answer[1]
            echo $word
        else if string match --quiet -- '#clickbind*' $word
            set answer (string split ' ' -- $word)
        end
    end
    if contains yaml $answer
        set -l files (__fish_complete_suffix .yml)
        printf '%%s\\n' (string match --regex -- '.*\\.ya?ml$' $files) $files
    else if contains file $answer
        __fish_complete_path $token
    else if contains dir $answer
        __fish_complete_directories $token ''
    end
end

complete --no-files --keep-order --command %(prog_name)s --arguments '(%(complete_func)s)'
"""


class Typed:
    """The words of a line up to the cursor, without the command's own.

    Parameters
    ----------
    line : str
        The line, quoted as in POSIX shells.

    Attributes
    ----------
    args : list of str
        The words before the one to complete.
    word : str
        The word to complete, without its quotes.
    raw : str
        The word to complete, as typed.
    quote : str
        The quote that is open at the cursor; empty if there is none.
    """

    def __init__(self, line: str) -> None:
        words: list[str] = []
        text: list[str] = []
        start, quote, escaped = 0, "", False
        for place, char in enumerate(line):
            if escaped:
                text.append(char if quote != '"' or char in '"\\$`' else f"\\{char}")
                escaped = False
            elif char == "\\" and quote != "'":
                escaped = True
            elif quote or char in "\"'":
                if not quote:
                    quote = char
                elif char == quote:
                    quote = ""
                else:
                    text.append(char)
            elif not char.isspace():
                text.append(char)
            else:
                if start < place:
                    words.append("".join(text))
                    text = []
                start = place + 1
        self.args = words[1:]
        self.word = "".join(text)
        self.raw = line[start:]
        self.quote = quote


class Choice:
    """One way to complete a word.

    Parameters
    ----------
    word : str
        The whole word, without quotes.
    shown : str
        The part of it that a list shows.
    item : click.shell_completion.CompletionItem, optional
        The item with the help, which is made when it is read; bash shows none.
    open : bool
        Whether more may follow in the same word, as after the name of a folder.
    """

    __slots__ = ("_item", "open", "shown", "word")

    def __init__(self, word: str, shown: str, item: CompletionItem | None = None, *, open: bool = False) -> None:
        self.word = word
        self.shown = shown
        self.open = open
        self._item = item

    @property
    def help(self) -> str:
        """The first paragraph of the help, in one line."""
        text = (self._item is not None and self._item.help) or ""
        return " ".join(text.partition("\n\n")[0].split())


class Files:
    """The files that complete a word.

    Parameters
    ----------
    head : str
        The part of the word before the path: ``--data=``.
    path : str
        The path so far.
    folders : bool
        Whether only folders are wanted.
    suffixes : tuple of str
        The suffixes of the files that are wanted; any file is offered if no file has one.
    """

    __slots__ = ("folders", "head", "path", "suffixes")

    def __init__(self, head: str, path: str, *, folders: bool, suffixes: tuple[str, ...]) -> None:
        self.head = head
        self.path = path
        self.folders = folders
        self.suffixes = suffixes

    @property
    def directive(self) -> str:
        """The directive by which a script lets the shell list them."""
        return "dir" if self.folders else "yaml" if self.suffixes else "file"

    def choices(self) -> list[Choice]:
        """List the files, with a slash after the names of folders."""
        folder, name = os.path.split(self.path)
        start = self.path[: len(self.path) - len(name)]
        try:
            entries = sorted(os.scandir(os.path.expanduser(folder) or "."), key=lambda entry: entry.name)
        except OSError:
            return []
        found = [entry for entry in entries if entry.name.startswith(name) and (name or entry.name[:1] != ".")]
        folders = {entry.name for entry in found if entry.is_dir()}
        files = [entry.name for entry in found if entry.name not in folders and not self.folders]
        preferred = [file for file in files if file.endswith(self.suffixes)] if self.suffixes else []
        paths = [*(preferred or files), *(f"{name}/" for name in folders)]
        return [Choice(f"{self.head}{start}{path}", f"{start}{path}", open=path[-1:] == "/") for path in sorted(paths)]


class _Completion(ShellComplete):
    """The common half of the classes: find the choices, and never raise an exception."""

    def complete(self) -> str:
        """Return the answer to a script of this module. Scripts of Click that are still in use get Click's answer."""
        if "COMP_LINE" not in os.environ:
            return super().complete()
        try:
            return "\n".join(self.answer(Typed(os.environ["COMP_LINE"])))
        except (Exception, SystemExit):  # noqa: BLE001 - an author's types and callbacks run here
            return ""

    def answer(self, typed: Typed) -> list[str]:
        """Return the lines of the answer."""
        choices: list[Choice] = []
        files: list[Files] = []
        flag, equals, value = typed.word.partition("=")
        head = f"{flag}=" if equals and flag[:1] == "-" else ""
        value = value if head else typed.word
        before = value[: value.rfind(" ") + 1]  # the words before the last one of a list
        for item in self.get_completions([_expanded(word) for word in typed.args], typed.word):
            if item.type == "plain":
                shown = item.value.removeprefix(before)
                choices.append(Choice(head + item.value, shown, item, open=item.value[-1:] == "="))
            else:
                start = head + value[: len(value) - len(item.value)]
                files.append(Files(start, item.value, folders=item.type == "dir", suffixes=item.suffixes or ()))
        native = [one for one in files if self.lists(one, typed, alone=not choices)]
        choices += [choice for one in files if one not in native for choice in one.choices()]
        choices = [choice for choice in choices if choice.word.isprintable()]
        directives = [one.directive for one in native]
        if choices and all(choice.open for choice in choices):
            directives.append("open")
        return [" ".join([_MARK, *directives]), *self.lines(typed, choices)]

    def lists(self, files: Files, typed: Typed, *, alone: bool) -> bool:
        """Return whether the shell itself lists files, by its own rules and settings.

        Parameters
        ----------
        files : Files
            The files.
        typed : Typed
            The line.
        alone : bool
            Whether there are no other choices.
        """
        return not files.head

    if TYPE_CHECKING:

        def lines(self, typed: Typed, choices: list[Choice]) -> Iterator[str]:
            """Write the choices for the script."""

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        """Complete a word, also ``--option=value``, where items replace only the value."""
        flag, equals, value = incomplete.partition("=")
        if not equals or flag[:1] != "-":
            return super().get_completions(args, incomplete)
        settings = {**self.ctx_args, "resilient_parsing": True}
        ctx = self.cli.make_context(self.prog_name, [*args, flag], **settings)
        line = getattr(ctx, "line", None)
        if line is not None and line.continues:
            return super().get_completions(args, incomplete)
        part = typed_in(ctx) if line is None else line.last
        return super().get_completions([*args, flag], value) if part.unfinished and flag[:2] == "--" else []


class Bash(_Completion, BashComplete):
    """Completion in bash, which splits words at ``=`` and ``:``, and replaces only the last part."""

    source_template = _BASH

    def lists(self, files: Files, typed: Typed, *, alone: bool) -> bool:
        """Return whether bash lists files: only for the whole of what it replaces, and without other choices."""
        return alone and not files.suffixes and files.head == _kept(typed).word

    def lines(self, typed: Typed, choices: list[Choice]) -> Iterator[str]:
        """Write what replaces the last part of the word, quoted as it is."""
        kept = _kept(typed)
        for choice in choices:
            if choice.word[: len(kept.word)].lower() == kept.word.lower():
                yield _quoted(choice.word[len(kept.word) :], kept.quote)


class Zsh(_Completion, ZshComplete):
    """Completion in zsh, which quotes words itself."""

    source_template = _ZSH

    def lines(self, typed: Typed, choices: list[Choice]) -> Iterator[str]:
        """Write two lines for each choice: the word, and the text of the list with its help."""
        for choice in choices:
            yield f"{'open' if choice.open else 'closed'}:{_described(choice.word)}"
            yield f"{_described(choice.shown)}:{choice.help}" if choice.help else _described(choice.shown)


class Fish(_Completion, FishComplete):
    """Completion in fish, which quotes words itself, and adds no space after a slash."""

    source_template = _FISH

    def lists(self, files: Files, typed: Typed, *, alone: bool) -> bool:
        """Return whether fish lists files: only for a whole word without quotes."""
        return not files.head and typed.raw == typed.word

    def lines(self, typed: Typed, choices: list[Choice]) -> Iterator[str]:
        """Write a line for each choice: the word and its help."""
        for choice in choices:
            word = choice.word
            if canonical(word).startswith(canonical(typed.word)):  # fish offers only words that begin as typed
                word = typed.word + word[len(typed.word) :]
            yield f"{word}\t{choice.help}" if choice.help else word


def _described(text: str) -> str:
    """Escape a text for zsh's function `_describe`, which splits it at the first colon."""
    return text.replace("\\", r"\\").replace(":", r"\:")


def _kept(typed: Typed) -> Typed:
    """Return the part of the word that bash keeps: its own word begins after the last separator or open quote."""
    replaced = os.environ.get("COMP_CWORD", "")
    if replaced in {"=", ":"}:  # from a wrapper such as that of sudo, to which bash gives a separator as a word
        replaced = ""
    if typed.quote and replaced[:1] == typed.quote:  # from a wrapper too
        replaced = replaced[1:]
    return Typed(typed.raw.removesuffix(replaced) if typed.raw.endswith(replaced) else "")


def _quoted(text: str, quote: str) -> str:
    """Quote a text for bash, after an open quote or outside of quotes."""
    if quote == "'":
        return text.replace("'", r"'\''")
    special = '"\\$`' if quote else " \t\"'\\$`&;|<>()*?[]{}#~!"
    return "".join(f"\\{char}" if char in special else char for char in text)


def _expanded(word: str) -> str:
    """Return a word with its home folder and variables, such as the name of a config file."""
    return os.path.expandvars(os.path.expanduser(word)) if "$" in word or word[:1] == "~" else word


_CLASSES: tuple[type[_Completion], ...] = (Bash, Zsh, Fish)


@contextlib.contextmanager
def registered() -> Iterator[None]:
    """Complete with the classes of this module inside the block, instead of with Click's own.

    A class that a program has registered for a shell stays.
    """
    replaced = []
    for own in _CLASSES:
        found = get_completion_class(own.name)
        if found is not None and found in own.__bases__:
            replaced.append(found)
            add_completion_class(own)
    try:
        yield
    finally:
        for found in replaced:
            add_completion_class(found)
