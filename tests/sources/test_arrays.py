"""Parameters and inputs from files."""

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from bptui.session.experiment import Experiment
from bptui.sources.arrays import LIMIT, FileError, read_bytes, with_inputs, with_parameters
from bptui.sources.presets import PRESETS
from bptui.sources.trace import json_trace

TWO_LAYER = PRESETS["two-layer"]
MYNET = PRESETS["mynet"]


def written(path: Path, value: Any) -> str:
    if isinstance(value, bytes):
        path.write_bytes(value)
    else:
        path.write_text(value if isinstance(value, str) else json.dumps(value))
    return str(path)


REST = {"m0.bias": np.array([9.0, 8.0, 7.0]), "m1.weight": np.arange(6.0).reshape(2, 3)}


def npz(path: Path, **arrays: Any) -> str:
    np.savez(path, **arrays)
    return str(path)


def traced(experiment: Experiment, steps: int = 1) -> dict[str, Any]:
    found: dict[str, Any] = json.loads("".join(json_trace(experiment, steps)))
    return found


@pytest.mark.some(5)
@pytest.mark.parametrize("name", PRESETS)
def test_a_trace_is_read_back_and_gives_the_same_trace(name: str, tmp_path: Path) -> None:
    experiment = PRESETS[name].changed(batch=min(3, PRESETS[name].count), l2=0.01)
    first = traced(experiment)
    path = written(tmp_path / "trace.json", first)
    fresh = experiment.changed(seed=experiment.seed, parameters=(), init="zeros", scale=0.0)
    again = traced(with_parameters(with_inputs(fresh, path), path))
    assert again == first


def test_an_npz_reads_as_its_numbers(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    weight, x = rng.normal(size=(3, 6)), rng.normal(size=(2, 6))
    given = REST | {"m0.weight": np.asfortranarray(weight), "m1.bias": np.float32([0.1, 0.2])}
    path = npz(tmp_path / "w.npz", **given)
    initial = with_parameters(TWO_LAYER, path).initial()
    assert (initial["m0.weight"] == weight).all()
    assert (initial["m1.bias"] == np.float32([0.1, 0.2])).all()
    assert (initial["m0.bias"] == REST["m0.bias"]).all()
    experiment = with_inputs(TWO_LAYER, npz(tmp_path / "x.npz", x=x, target=np.array([1, 0])))
    assert experiment.batch == experiment.count == 2
    assert (experiment.samples["x"] == x).all()
    assert experiment.samples["y"].tolist() == [[0, 1], [1, 0]]


@pytest.mark.parametrize(
    ("values", "classes"),
    [
        ({"x": [1, 2, 3, 4, 5, 6], "target": 1}, [1]),
        ({"x": [1, 2, 3, 4, 5, 6], "target": [1]}, [1]),
        ({"x": [1, 2, 3, 4, 5, 6], "y": [0, 1]}, [1]),
        ({"x": [[1, 2, 3, 4, 5, 6]] * 2, "target": [0, 1]}, [0, 1]),
        ({"x": [[1, 2, 3, 4, 5, 6]] * 2, "target": {"y": [[0, 1], [1, 0]]}}, [1, 0]),
        ({"inputs": {"x": [[1, 2, 3, 4, 5, 6]] * 3}, "target": [0, 1, 1]}, [0, 1, 1]),
    ],
)
def test_one_sample_or_many_with_classes_or_values(values: Any, classes: list[int], tmp_path: Path) -> None:
    experiment = with_inputs(TWO_LAYER, written(tmp_path / "x.json", values))
    assert experiment.samples["y"].argmax(axis=1).tolist() == classes
    assert experiment.batch == len(classes)


def test_what_is_left_out_stays_as_it_was(tmp_path: Path) -> None:
    before = traced(TWO_LAYER)
    after = traced(with_inputs(TWO_LAYER, written(tmp_path / "x.json", {"x": [0, 0, 0, 0, 0, 1]})))
    assert after["target"] == before["target"]
    assert after["inputs"] == {"x": [[0, 0, 0, 0, 0, 1]]}
    after = traced(with_inputs(TWO_LAYER, written(tmp_path / "y.json", {"target": 1 - before["target"][0]})))
    assert after["inputs"] == before["inputs"]
    assert after["target"] != before["target"]


PARAMETERS = [
    ("{", "line 1, column 2"),
    ('{\n "m0.bias": [1,,2]\n}', "line 2, column"),
    ("[1, 2]", "wants an object"),
    ("[" * 100_000, "nested too deeply"),
    ('{"m0.bias": [1,2,3], "m0.bias": [1,2,3]}', "stands there twice"),
    (b"\xff\xfe\xfd", "neither JSON nor .npz"),
    ({"m0.wieght": [1]}, "did you mean 'm0.weight'?"),
    ({"m0.bias": [1, 2, 3]}, "p.json: holds no m0.weight, m1.weight, m1.bias; wants every parameter of the net"),
    ({"m0.bias": [1, 2]}, "m0.bias: got shape [2], wants [3]"),
    ({"m0.bias": 1}, "m0.bias: got shape [], wants [3]"),
    ({"m0.bias": []}, "m0.bias: got shape [0], wants [3]"),
    ({"m0.bias": {"a": 1}}, "m0.bias: got {'a': 1.0}, wants a number"),
    ({"m0.bias": [1, "two", 3]}, "m0.bias[1]: got 'two', wants a number"),
    ({"m0.bias": [1, True, 3]}, "m0.bias[1]: got True, wants a number"),
    ({"m0.bias": [1, None, 3]}, "m0.bias[1]: got nothing, wants a number"),
    ({"m1.weight": [[1, 2, 3], [1, 2]]}, "m1.weight[1]: got shape [2] beside [3], wants equal rows"),
    ({"m1.weight": [[1, 2, 3], [1, "NaN", 3]]}, "m1.weight[1,1] is NaN"),
    ('{"m0.bias": [1, NaN, 3]}', "m0.bias[1] is NaN"),
    ('{"m0.bias": [1, -Infinity, 3]}', "m0.bias[1] is -Infinity"),
    ('{"m0.bias": [1, 1e999, 3]}', "m0.bias[1] is Infinity"),
    ('{"m0.bias": [1, ' + "9" * 5000 + ", 3]}", "m0.bias[1] is Infinity"),
]


@pytest.mark.parametrize(("value", "wanted"), PARAMETERS, ids=[wanted for _, wanted in PARAMETERS])
def test_parameters_that_do_not_fit(value: Any, wanted: str, tmp_path: Path) -> None:
    path = written(tmp_path / "p.json", value)
    with pytest.raises(FileError) as caught:
        with_parameters(TWO_LAYER, path)
    assert str(caught.value).startswith(f"{path}: ")
    assert wanted in str(caught.value)
    assert "\n" not in str(caught.value)


INPUTS = [
    ({}, "holds no samples"),
    ({"z": [1]}, "'z' is no input or target; this net has x, y"),
    ({"x": [1, 2]}, "x: got shape [2], wants [6], or [B, 6] for B samples"),
    ({"x": []}, "x: got shape [0]"),
    ({"x": [[0] * 6] * 9}, "y: is left out, and the net comes with 8 samples"),
    ({"x": [[0] * 6] * 2, "target": 1}, "y: got 1 sample, wants 2, as many as x has"),
    ({"x": [0] * 6, "target": 2}, "y: wants class numbers from 0 to 1"),
    ({"x": [0] * 6, "target": 0.5}, "y: wants class numbers from 0 to 1"),
    ({"x": [0] * 6, "target": "NaN"}, "y is NaN"),
    ({"x": [0] * 6, "y": [0.5, 0.6]}, "probabilities that sum to 1"),
    ({"x": [0] * 6, "target": [[[0, 1]]]}, "y: got shape [1, 1, 2], wants class numbers, or [2], or [B, 2]"),
]


@pytest.mark.parametrize(("value", "wanted"), INPUTS, ids=[wanted for _, wanted in INPUTS])
def test_inputs_that_do_not_fit(value: Any, wanted: str, tmp_path: Path) -> None:
    path = written(tmp_path / "x.json", value)
    with pytest.raises(FileError) as caught:
        with_inputs(TWO_LAYER, path)
    assert wanted in str(caught.value)


def test_several_targets_go_by_name(tmp_path: Path) -> None:
    average = PRESETS["average"]
    assert with_inputs(average, written(tmp_path / "a.json", {"target": {"y0": [0.25]}})).samples["y0"] == [[0.25]]
    with pytest.raises(FileError, match="wants values by name, for y0, y1"):
        with_inputs(average, written(tmp_path / "b.json", {"target": [1]}))


def archive(path: Path, members: dict[str, bytes]) -> str:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return str(path)


def npy(shape: str, descr: str = "'<f8'", data: bytes = b"") -> bytes:
    header = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}}}".encode()
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + data


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (b"", "no array that can be read"),
        (b"hello", "no array that can be read"),
        (npy("(1000000000000,)"), "has 0 bytes, which is not an array of shape [1000000000000]"),
        (npy("(3,)", "'|O'", b"\x80\x04."), "holds object, wants numbers"),
        (npy("(3,)", "'<U3'"), "holds <U3, wants numbers"),
        (npy("(3,)", "'<c16'"), "holds complex128, wants numbers"),
        (npy("(3,)", "__import__('os')"), "no array that can be read"),
        (npy("(3,)", data=np.array([1, np.nan, 2]).tobytes()), "m0.bias[1] is NaN"),
        (npy("(2,)", data=np.zeros(2).tobytes()), "m0.bias: got shape [2], wants [3]"),
    ],
)
def test_an_npz_with_something_else_in_it(data: bytes, wanted: str, tmp_path: Path) -> None:
    with pytest.raises(FileError) as caught:
        with_parameters(TWO_LAYER, archive(tmp_path / "w.npz", {"m0.bias.npy": data}))
    assert wanted in str(caught.value)


def test_an_npz_that_unpacks_to_too_much(tmp_path: Path) -> None:
    path = archive(tmp_path / "bomb.npz", {"m0.bias.npy": bytes(LIMIT + 1)})
    assert Path(path).stat().st_size < LIMIT // 100
    with pytest.raises(FileError, match="unpacks to more than 32 MB"):
        with_parameters(TWO_LAYER, path)


@pytest.mark.parametrize("keep", [10, 60, 200])
def test_a_damaged_npz(keep: int, tmp_path: Path) -> None:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **{"m0.bias": np.arange(3.0)})
    with pytest.raises(FileError, match="damaged"):
        with_parameters(TWO_LAYER, written(tmp_path / "w.npz", buffer.getvalue()[:keep]))


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="empty name"):
        read_bytes("")
    with pytest.raises(FileError, match="No such file"):
        read_bytes(str(tmp_path / "none"))
    with pytest.raises(FileError, match=r"[Dd]irectory|denied"):
        read_bytes(str(tmp_path))
    with pytest.raises(FileError, match="null"):
        read_bytes("a\0b")


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "huge"
    with path.open("wb") as file:
        file.truncate(2 << 30)  # 2 GB, and nearly nothing on the disk
    with pytest.raises(FileError, match="has 2048 MB, wants at most 32 MB"):
        read_bytes(str(path))


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="there is no endless file here")
def test_an_endless_file_is_refused() -> None:
    with pytest.raises(FileError, match="more than 32 MB"):
        read_bytes("/dev/zero")


def test_an_image_or_a_batch_of_images(tmp_path: Path) -> None:
    images = np.zeros((2, 3, 10, 20))
    assert with_inputs(MYNET, npz(tmp_path / "a.npz", x=images[0], target=7)).batch == 1
    assert with_inputs(MYNET, npz(tmp_path / "b.npz", x=images, target=np.array([7, 1]))).batch == 2
    with pytest.raises(FileError, match=r"got shape \[600\], wants \[3, 10, 20\], or \[B, 3, 10, 20\]"):
        with_inputs(MYNET, npz(tmp_path / "c.npz", x=images[0].reshape(-1)))


def test_safetensors_read_as_their_numbers(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    weight = rng.normal(size=(3, 6))
    path = str(tmp_path / "w.safetensors")
    save_file(REST | {"m0.weight": weight, "m1.bias": np.float32([0.1, 0.2])}, path)
    initial = with_parameters(TWO_LAYER, path).initial()
    assert (initial["m0.weight"] == weight).all()
    assert (initial["m1.bias"] == np.float32([0.1, 0.2])).all()
    renamed = tmp_path / "w.data"
    renamed.write_bytes(Path(path).read_bytes())
    assert (with_parameters(TWO_LAYER, str(renamed)).initial()["m0.weight"] == weight).all()


@pytest.mark.parametrize(
    ("name", "data", "wanted"),
    [
        ("w.safetensors", b"", "damaged .safetensors"),
        ("w.safetensors", b"\xff" * 64, "damaged .safetensors"),
        ("w.safetensors", b"\x02\0\0\0\0\0\0\0[]", "damaged .safetensors"),
        ("w.pt", b"PK\x03\x04....net/data.pkl", "is a pickle"),
        ("w.pth", b"\x80\x02}q\x00.", "from safetensors.torch import save_file; save_file(net.state_dict(), "),
        ("w.bin", b"anything", "is a pickle"),
        ("w.json", b"\x80\x04K\x01.", "is a pickle"),
    ],
)
def test_pickles_and_damaged_weights_are_refused(name: str, data: bytes, wanted: str, tmp_path: Path) -> None:
    path = written(tmp_path / name, data)
    with pytest.raises(FileError) as caught:
        with_parameters(TWO_LAYER, path)
    assert str(caught.value).startswith(f"{path}: ")
    assert wanted in str(caught.value)
    assert "\n" not in str(caught.value)


def test_safetensors_of_other_shapes_names_or_kinds_are_refused(tmp_path: Path) -> None:
    path = str(tmp_path / "w.safetensors")
    for arrays, wanted in (
        ({"m0.bias": np.zeros(2)}, "m0.bias: got shape [2], wants [3]"),
        ({"m7.bias": np.zeros(2)}, "'m7.bias' is no parameter"),
        ({"m0.bias": np.array([True, False, True])}, "m0.bias holds BOOL"),
        ({"m0.bias": np.array([np.nan, 0.0, 1.0])}, "m0.bias[0] is NaN"),
    ):
        save_file(arrays, path)
        with pytest.raises(FileError, match=re.escape(wanted)):
            with_parameters(TWO_LAYER, path)
