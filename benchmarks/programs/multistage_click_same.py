"""Five stages of an experiment, from download to plots, in one program."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from click_sections import OWN_OPTIONS, Sections


def read_config(ctx: click.Context, _: click.Parameter, value: str | None) -> None:
    """Take a file's values as defaults, as Click's documentation has it."""
    if value is not None:
        import yaml  # used with --config only

        with open(value, encoding="utf-8") as file:
            ctx.default_map = yaml.load(file, Loader=yaml.CSafeLoader)


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


@click.group(
    cls=Sections,
    help=__doc__,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "show_default": True},
)
@click.option(
    "--config",
    type=click.Path(),
    is_eager=True,
    expose_value=False,
    callback=read_config,
    metavar="FILE",
    help="Read values from a YAML file.",
)
@click.option(
    "--output.folder",
    "output_folder",
    default=".",
    help="Output folder, everything is saved relative to this folder.",
)
@click.pass_context
def main(ctx: click.Context, output_folder: str) -> None:
    """Open the output folder around the stages."""
    ctx.with_resource(output(output_folder))


@main.command()
@click.option("--folder", default="/data/raw", help="Absolute path to folder to download data to.")
def download(folder: str) -> None:
    """Download data to folder."""
    print("STAGE: DOWNLOAD")
    print(f"Downloading data to {folder}\n")


@main.command()
@click.option("--src-folder", default="/data/raw", help="Absolute path to raw data.")
@click.option("--dst-folder", default="/data/processed", help="Absolute path where preprocessed data is placed.")
def preprocess(src_folder: str, dst_folder: str) -> None:
    """Preprocess data."""
    print("STAGE: PREPROCESS")
    print(f"Preprocessing {src_folder} into {dst_folder}\n")


@main.command()
@click.option("--folder", default="/data/processed/train/", help="Folder to train from.")
@click.option("--epochs", type=int, default=50, help="Number of epochs.")
@click.option("--lr", type=float, default=1e-3, help="Learning rate.")
@click.option("--model-type", default="conv", help="Type of model.")
@click.option("--model-path", default="checkpoints/model.pth", help="Where to save model to.")
def train(folder: str, epochs: int, lr: float, model_type: str, model_path: str) -> None:
    """Train the model."""
    print("STAGE: TRAIN")
    print(f"Training model {model_type} on data in {folder} for {epochs} epochs, with learning rate of {lr}\n")
    Path(model_path).parent.mkdir(parents=True, exist_ok=True)
    Path(model_path).touch()


@main.command()
@click.option("--model-path", default="checkpoints/model.pth", help="Path to model to evaluate.")
@click.option("--folder", default="/data/processed/test/", help="Folder containing data to evaluate model on.")
@click.option("--results-folder", default="./results", help="Folder to save results into.")
def evaluate(model_path: str, folder: str, results_folder: str) -> None:
    """Evaluate the model."""
    print("STAGE: EVALUATE")
    print(f"Evaluating model {model_path} on {folder}, saving results to {results_folder}\n")
    Path(results_folder).mkdir(parents=True, exist_ok=True)
    (Path(results_folder) / "example.npy").touch()


@main.command()
@click.option("--results-folder", default="./results", help="Folder where results are.")
def analyze(results_folder: str) -> None:
    """Analyze model performance, make plots."""
    print("STAGE: ANALYZE")
    print(f"Generating plots for {results_folder}\n")
    Path(results_folder).mkdir(parents=True, exist_ok=True)
    (Path(results_folder) / "example.png").touch()


@main.group(chain=True)
def run() -> None:
    """Run several stages, each with options of its own."""


for stage in (download, preprocess, train, evaluate, analyze):
    run.add_command(stage)


main.params += OWN_OPTIONS
main.dotted("download", "folder", default="/data/raw", help="Absolute path to folder to download data to.")
main.dotted("preprocess", "src_folder", default="/data/raw", help="Absolute path to raw data.")
main.dotted(
    "preprocess",
    "dst_folder",
    default="/data/processed",
    help="Absolute path where preprocessed data is placed.",
)
main.dotted("train", "folder", default="/data/processed/train/", help="Folder to train from.")
main.dotted("train", "epochs", type=int, default=50, help="Number of epochs.")
main.dotted("train", "lr", type=float, default=1e-3, help="Learning rate.")
main.dotted("train", "model_type", default="conv", help="Type of model.")
main.dotted("train", "model_path", default="checkpoints/model.pth", help="Where to save model to.")
main.dotted("evaluate", "model_path", default="checkpoints/model.pth", help="Path to model to evaluate.")
main.dotted(
    "evaluate",
    "folder",
    default="/data/processed/test/",
    help="Folder containing data to evaluate model on.",
)
main.dotted("evaluate", "results_folder", default="./results", help="Folder to save results into.")
main.dotted("analyze", "results_folder", default="./results", help="Folder where results are.")
main.dotted("run", "stages", multiple=True, default=[], metavar="STAGE...", help="Stages to run, in this order.")
