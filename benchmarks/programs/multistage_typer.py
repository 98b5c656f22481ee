"""Five stages of an experiment, from download to plots, in one program."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer


def read_config(ctx: typer.Context, value: str) -> str:
    """Take a file's values as defaults, as Click programs do."""
    if value:
        import yaml  # used with --config only

        with open(value, encoding="utf-8") as file:
            ctx.default_map = yaml.load(file, Loader=yaml.CSafeLoader)
    return value


@contextmanager
def output(folder: str) -> Iterator[None]:
    """Change into the output folder."""
    print(f"Making output folder {folder}.")
    new = Path(folder)
    new.mkdir(parents=True, exist_ok=True)
    original = Path.cwd()
    os.chdir(new)
    print(f"Switched working directory to {new}")
    try:
        yield
    finally:
        os.chdir(original)
        print("Returning to original folder")


main = typer.Typer(help=__doc__, context_settings={"help_option_names": ["-h", "--help"]})


@main.callback()
def start(
    ctx: typer.Context,
    output_folder: Annotated[
        str, typer.Option("--output.folder", help="Output folder, everything is saved relative to this folder.")
    ] = ".",
    config: Annotated[  # noqa: ARG001 - its callback reads it
        str, typer.Option(callback=read_config, is_eager=True, help="Read values from a YAML file.")
    ] = "",
) -> None:
    """Open the output folder around the stages."""
    ctx.with_resource(output(output_folder))


@main.command()
def download(
    folder: Annotated[str, typer.Option(help="Absolute path to folder to download data to.")] = "/data/raw",
) -> None:
    """Download data to folder."""
    print("STAGE: DOWNLOAD")
    print(f"Downloading data to {folder}\n")


@main.command()
def preprocess(
    src_folder: Annotated[str, typer.Option(help="Absolute path to raw data.")] = "/data/raw",
    dst_folder: Annotated[
        str, typer.Option(help="Absolute path where preprocessed data is placed.")
    ] = "/data/processed",
) -> None:
    """Preprocess data."""
    print("STAGE: PREPROCESS")
    print(f"Preprocessing {src_folder} into {dst_folder}\n")


@main.command()
def train(
    folder: Annotated[str, typer.Option(help="Folder to train from.")] = "/data/processed/train/",
    epochs: Annotated[int, typer.Option(help="Number of epochs.")] = 50,
    lr: Annotated[float, typer.Option(help="Learning rate.")] = 1e-3,
    model_type: Annotated[str, typer.Option(help="Type of model.")] = "conv",
    model_path: Annotated[str, typer.Option(help="Where to save model to.")] = "checkpoints/model.pth",
) -> None:
    """Train the model."""
    print("STAGE: TRAIN")
    print(f"Training model {model_type} on data in {folder} for {epochs} epochs, with learning rate of {lr}\n")
    Path(model_path).parent.mkdir(parents=True, exist_ok=True)
    Path(model_path).touch()


@main.command()
def evaluate(
    model_path: Annotated[str, typer.Option(help="Path to model to evaluate.")] = "checkpoints/model.pth",
    folder: Annotated[str, typer.Option(help="Folder containing data to evaluate model on.")] = "/data/processed/test/",
    results_folder: Annotated[str, typer.Option(help="Folder to save results into.")] = "./results",
) -> None:
    """Evaluate the model."""
    print("STAGE: EVALUATE")
    print(f"Evaluating model {model_path} on {folder}, saving results to {results_folder}\n")
    Path(results_folder).mkdir(parents=True, exist_ok=True)
    (Path(results_folder) / "example.npy").touch()


@main.command()
def analyze(
    results_folder: Annotated[str, typer.Option(help="Folder where results are.")] = "./results",
) -> None:
    """Analyze model performance, make plots."""
    print("STAGE: ANALYZE")
    print(f"Generating plots for {results_folder}\n")
    Path(results_folder).mkdir(parents=True, exist_ok=True)
    (Path(results_folder) / "example.png").touch()
