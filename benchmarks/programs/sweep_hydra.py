"""The same on Hydra."""

import hydra
from omegaconf import DictConfig


@hydra.main(version_base=None, config_path="conf", config_name="config")
def main(config: DictConfig) -> float:
    """Train."""
    print(config.lr, config.batch)
    return float(config.lr / config.batch)


if __name__ == "__main__":
    main()
