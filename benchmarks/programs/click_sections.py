"""A Click group with dotted options for the parameters of its commands, listed in a section for each command."""

from __future__ import annotations

from typing import Any

import click

__all__ = ["OWN_OPTIONS", "Sections"]


class Sections(click.Group):
    """A group whose options ``--command.parameter`` are defaults of its commands' own."""

    def dotted(self, command: str, parameter: str, **attrs: Any) -> None:
        """Add an option for a parameter of a command."""
        names = [f"--{command}.{parameter}"]
        if isinstance(attrs.get("default"), bool):
            names = [f"{names[0]}/--no-{command}.{parameter}"]
        self.params.append(click.Option([*names, f"{command}__{parameter}"], **attrs))

    def invoke(self, ctx: click.Context) -> Any:
        """Hand the values to the commands, as Click's documentation has it for files."""
        given = dict(ctx.default_map or {})
        for name, value in ctx.params.items():
            command, dotted, parameter = name.partition("__")
            if dotted and ctx.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE:
                given[command] = {**given.get(command, {}), parameter: value}
        ctx.default_map = given
        ctx.params = {name: value for name, value in ctx.params.items() if "__" not in name}
        return super().invoke(ctx)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write a section for the group's own options, and one for each command that has some."""
        sections: dict[str, list[tuple[str, str]]] = {"Options": []}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record is not None:
                command, dotted, _ = (param.name or "").partition("__")
                sections.setdefault(command if dotted else "Options", []).append(record)
        for title, records in sections.items():
            with formatter.section(title):
                command_object = self.get_command(ctx, title.replace("_", "-"))
                if command_object is not None:
                    formatter.write_text(command_object.get_short_help_str(formatter.width))
                    formatter.write_paragraph()
                formatter.write_dl(records)
        self.format_commands(ctx, formatter)


def _stand_in(flag: str, text: str, **attrs: Any) -> click.Option:
    return click.Option([flag], expose_value=False, help=text, **attrs)


# What clickbind's root has beside ``--config``: texts for the help, without what they do.
OWN_OPTIONS = [
    _stand_in(
        "--save",
        "Write every value of the run to a YAML file before it starts. - is standard output.",
        metavar="FILE",
    ),
    _stand_in("--print-config", "Print the run as YAML with origins, and run nothing.", is_flag=True),
    _stand_in("--print-changed", "Like --print-config, without the defaults.", is_flag=True),
    _stand_in("--diff", "Show how the run differs from a file, and run nothing.", metavar="FILE"),
    _stand_in("--print-schema", "Print a JSON Schema of config files, for editors.", is_flag=True),
    _stand_in("--debug", "Print each bound call as it is made.", is_flag=True),
]
