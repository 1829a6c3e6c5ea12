"""A CSV file from its path to an experiment that trains."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bptui.session.runner import Runner
from bptui.session.toml import from_toml, to_toml
from bptui.sources.arrays import FileError
from bptui.sources.tables import csv_columns, csv_experiment, read_csv

TEXT = "".join(["a,b,kind,size\n", *(f"{k},{-k},{'low' if k < 20 else 'high'},{k * k}\n" for k in range(40))])


@pytest.fixture
def path(tmp_path: Path) -> str:
    file = tmp_path / "table.csv"
    file.write_text(TEXT, encoding="utf-8")
    return str(file)


def test_classes_become_one_hot_targets_of_a_perceptron_that_learns_them(path: str) -> None:
    assert csv_columns(path) == ("a", "b", "kind", "size")
    experiment = csv_experiment(path, read_csv(path, "kind", ("a", "b"))).validated()
    assert experiment.net.description == "kind from a and b (table.csv)"
    assert experiment.samples["y"].shape == (32, 2)
    assert experiment.held_out["y"].shape == (8, 2)
    assert np.allclose(experiment.samples["x"].mean(axis=0), 0)
    assert from_toml(to_toml(experiment)) == experiment
    runner = Runner(experiment)
    runner.restore(runner.beginning())
    losses = [runner.train() for _ in range(200)]
    assert losses[-1] < 0.1 < losses[0]


def test_one_feature_and_a_quantity_are_a_curve(path: str) -> None:
    experiment = csv_experiment(path, read_csv(path, "size", ("a",))).validated()
    assert experiment.samples["x"].shape == (32, 1)
    assert experiment.samples["y"].shape == (32, 1)


def test_a_feature_of_words_is_as_many_inputs_as_there_are_words(path: str) -> None:
    experiment = csv_experiment(path, read_csv(path, "size", ("kind", "a"))).changed(lr=0.01).validated()
    assert experiment.samples["x"].shape == (32, 3)
    assert from_toml(to_toml(experiment)) == experiment


def test_an_odd_file_name_stays_out_of_the_experiment(path: str) -> None:
    experiment = csv_experiment("a\x1bb.csv", read_csv(path, "kind", ("a", "b")))
    assert experiment.net.description == "kind from a and b"
    assert from_toml(to_toml(experiment)) == experiment


def test_what_is_wrong_names_the_file(path: str) -> None:
    for wrong in (
        lambda: read_csv(path, "size", ("colour",)),
        lambda: read_csv(path + "x", "size", ("a",)),
        lambda: csv_columns(path + "x"),
    ):
        with pytest.raises(FileError, match=r"table\.csvx?: ") as error:
            wrong()
        assert "\n" not in str(error.value)


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "large.csv"
    with file.open("wb") as out:
        out.truncate((8 << 20) + 1)
    with pytest.raises(FileError, match="wants at most"):
        read_csv(str(file), "a", ("b",))
