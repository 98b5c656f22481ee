"""Five stages of an experiment, from download to plots, in a program that is written for ArgBind."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import List  # noqa: UP035 - as ArgBind's programs write it

from clickbind import argbind

STAGES = ["download", "preprocess", "train", "evaluate", "analyze"]


@argbind.bind()
@contextmanager
def output(folder: str = ".") -> Iterator[None]:
    """Controls the output folder where everything gets saved.

    Parameters
    ----------
    folder : str, optional
        Output folder, everything is saved relative to this folder, by default '.'
    """
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


@argbind.bind()
def download(folder: str = "/data/raw") -> None:
    """Download data to folder.

    Parameters
    ----------
    folder : str, optional
        Absolute path to folder to download data to, by default '/data/raw'
    """
    print("STAGE: DOWNLOAD")
    print(f"Downloading data to {folder}\n")


@argbind.bind()
def preprocess(src_folder: str = "/data/raw", dst_folder: str = "/data/processed") -> None:
    """Preprocess data.

    Parameters
    ----------
    src_folder : str, optional
        Absolute path to raw data, by default '/data/raw'
    dst_folder : str, optional
        Absolute path where preprocessed data is placed, by default '/data/processed'
    """
    print("STAGE: PREPROCESS")
    print(f"Preprocessing {src_folder} into {dst_folder}\n")


@argbind.bind()
def train(
    folder: str = "/data/processed/train/",
    epochs: int = 50,
    lr: float = 1e-3,
    model_type: str = "conv",
    model_path: str = "checkpoints/model.pth",
) -> None:
    """Train the model.

    Parameters
    ----------
    folder : str, optional
        Folder to train from, by default '/data/processed/train/'
    epochs : int, optional
        Number of epochs, by default 50
    lr : float, optional
        Learning rate, by default 1e-3
    model_type : str, optional
        Type of model, by default 'conv'
    model_path : str, optional
        Where to save model to, by default 'checkpoints/model.pth'
    """
    print("STAGE: TRAIN")
    print(f"Training model {model_type} on data in {folder} for {epochs} epochs, with learning rate of {lr}\n")
    Path(model_path).parent.mkdir(parents=True, exist_ok=True)
    Path(model_path).touch()


@argbind.bind()
def evaluate(
    model_path: str = "checkpoints/model.pth",
    folder: str = "/data/processed/test/",
    results_folder: str = "./results",
) -> None:
    """Evaluate the model.

    Parameters
    ----------
    model_path : str, optional
        Path to model to evaluate, by default 'checkpoints/model.pth'
    folder : str, optional
        Folder containing data to evaluate model on, by default '/data/processed/test/'
    results_folder : str, optional
        Folder to save results into, by default './results'
    """
    print("STAGE: EVALUATE")
    print(f"Evaluating model {model_path} on {folder}, saving results to {results_folder}\n")
    Path(results_folder).mkdir(parents=True, exist_ok=True)
    (Path(results_folder) / "example.npy").touch()


@argbind.bind()
def analyze(results_folder: str = "./results") -> None:
    """Analyze model performance, make plots.

    Parameters
    ----------
    results_folder : str, optional
        Folder where results are, by default './results'
    """
    print("STAGE: ANALYZE")
    print(f"Generating plots for {results_folder}\n")
    Path(results_folder).mkdir(parents=True, exist_ok=True)
    (Path(results_folder) / "example.png").touch()


@argbind.bind()
def run(stages: List[str] = STAGES) -> None:  # noqa: UP006 - as it is written for ArgBind
    """Run stages.

    Parameters
    ----------
    stages : List[str], optional
        List of stages to run, by default
        ['download', 'preprocess', 'train',
         'evaluate', 'analyze']
    """
    with output():
        for stage in stages:
            if stage not in STAGES:
                raise ValueError(f"Requested stage {stage} not in known stages {STAGES}")
            stage_fn = globals()[stage]
            stage_fn()


if __name__ == "__main__":
    args = argbind.parse_args()
    with argbind.scope(args):
        run()
