"""Experiments as TOML: read back equal, and everything else refused in one line."""

import tomllib
from dataclasses import fields
from typing import get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bptui.data.samples import Data, given_samples, nested
from bptui.engine.module import REGISTRY
from bptui.engine.modules import (
    Add,
    Concatenate,
    CrossEntropy,
    Dropout,
    Duplicate,
    LeakyReLU,
    Linear,
    Multiply,
    Scale,
    SquaredError,
)
from bptui.engine.net import Net
from bptui.engine.optimisers import OPTIMISERS
from bptui.engine.schedules import SCHEDULES
from bptui.session.experiment import Experiment
from bptui.session.knobs import turned
from bptui.session.toml import FORMAT, from_toml, parsed, to_toml
from bptui.session.toml_values import TomlError
from bptui.sources.presets import PRESETS

EVERY_SETTING = (
    Net("every-setting", 'a "quoted" description, with ümlaut, \\ and #')
    .input("x", 3)
    .add("dup", Duplicate(3), "x", "a b c")
    .add("net.0", Linear(4, bias=False), "a", "s0")
    .add("net.1", Linear(4, bias=False), "b", "s1", shares="net.0")
    .add("leaky", LeakyReLU(0.1 + 0.2), "s0", "z0")
    .add("product", Multiply(), "z0 s1", "q")
    .add("drop", Dropout(1 / 3), "q", "d")
    .add("scale", Scale(-1e-300), "d", "e")
    .add("cat", Concatenate(), "e c", "f")
    .add("m2", Linear(2), "f", "g")
    .target("y", 2)
    .add("cost", SquaredError(), "g y", "C")
)

finite = st.floats(allow_nan=False, allow_infinity=False)
small = st.floats(0, 1e300)
unit = st.floats(0, 1, exclude_max=True)


@st.composite
def experiments(draw: st.DrawFn) -> Experiment:
    experiment = draw(st.sampled_from(list(PRESETS.values())))
    optimiser = draw(st.sampled_from(list(OPTIMISERS.values())))
    optimiser = optimiser(**{f.name: draw(small if f.name in ("eps", "decay") else unit) for f in fields(optimiser)})
    schedule = draw(st.sampled_from(list(SCHEDULES.values())))
    ranges = {
        "gamma": unit,
        "tau": st.floats(1e-300, 1e300),
        "every": st.integers(1, 999),
        "total": st.integers(1, 999),
    }
    schedule = schedule(**{f.name: draw(ranges[f.name]) for f in fields(schedule)})
    weights = {name: nested(values) for name, values in experiment.initial().items()}
    changes = {
        "seed": draw(st.integers(0, 2**70)),
        "init": draw(st.sampled_from(["torch", "kaiming", "xavier", "lecun", "normal", "constant", "zeros"])),
        "scale": draw(small),
        "patience": draw(st.integers(0, 50)),
        "reduction": draw(st.sampled_from(["sum", "batch", "elements"])),
        "kink": draw(st.sampled_from(["torch", "other"])),
        "optimiser": optimiser,
        "schedule": schedule,
        "lr": draw(small),
        "batch": draw(st.integers(1, experiment.count)),
        "l1": draw(small),
        "l2": draw(small),
        "dtype": draw(st.sampled_from(["float64", "float32"])),
        "layout": draw(st.sampled_from(["rows", "features"])),
        "parameters": draw(st.sampled_from([(), tuple(weights.items()), experiment.parameters])),
    }
    changes |= {name: draw(st.booleans()) for name in ("shuffle", "decay_biases", "zero_gradients", "training")}
    return experiment.changed(**changes)


@given(experiments())
def test_every_experiment_reads_back_equal(experiment: Experiment) -> None:
    assert from_toml(to_toml(experiment)) == experiment


@given(st.lists(st.lists(finite, min_size=3, max_size=3), min_size=1, max_size=4), st.data())
def test_numbers_survive_exactly(rows: list[list[float]], data: st.DataObject) -> None:
    targets = data.draw(st.lists(st.lists(finite, min_size=2, max_size=2), min_size=len(rows), max_size=len(rows)))
    samples = Data("given", len(rows), given=(("x", nested(rows)), ("y", nested(targets))))
    experiment = Experiment(EVERY_SETTING, samples)
    assert repr(from_toml(to_toml(experiment)).data) == repr(samples)  # repr tells 0.0 from −0.0


def test_every_setting_of_a_module_is_kept() -> None:
    experiment = Experiment(EVERY_SETTING)
    assert from_toml(to_toml(experiment)) == experiment


def test_given_parameters_are_kept_when_they_are_put_aside() -> None:
    experiment = turned(PRESETS["two-layer"], "init", "kaiming")
    again = from_toml(to_toml(experiment))
    assert again == experiment and turned(again, "init", "given").initial().keys() == experiment.initial().keys()


def test_choices_are_read_in_any_case() -> None:
    text = TEXT.replace('kind = "SGD"', 'kind = "adam"').replace('module = "ReLU"', 'module = "RELU"')
    plain = PRESETS["two-layer"]
    assert from_toml(text.replace('init = "torch"', 'init = "Torch"')) == plain.changed(optimiser=OPTIMISERS["Adam"]())


def test_another_cost_is_kept() -> None:
    experiment = PRESETS["two-layer"].changed(cost="squared", dropout=0.25)
    assert from_toml(to_toml(experiment)) == experiment


def test_large_weights_are_quick_and_exact() -> None:
    experiment = PRESETS["mynet"]
    experiment = experiment.changed(
        parameters=tuple((name, nested(values)) for name, values in experiment.initial().items()),
        data=given_samples({name: rows[:4] for name, rows in experiment.samples.items()}),
    )
    assert from_toml(to_toml(experiment)) == experiment


def test_what_is_not_finite_is_not_written() -> None:
    with pytest.raises(ValueError, match="lr is NaN"):
        to_toml(PRESETS["chain"].changed(lr=float("nan")))
    with pytest.raises(ValueError, match=r"m0.bias\[0\] is -Infinity"):
        to_toml(PRESETS["chain"].changed(parameters=(("m0.bias", (float("-inf"),)),)))


TEXT = to_toml(PRESETS["two-layer"])

REFUSED = [
    ("", "format: got None"),
    ("format = 1", "net: got nothing, wants a table"),
    ("format = \nseed = 1", "line 1"),
    ("\x00", "no TOML"),
    ("a = " + "[" * 100_000, "nested too deeply"),
    (TEXT.replace("format = 1", "format = 2"), "this version of bptui reads up to 1"),
    (TEXT.replace("format = 1", "format = true"), "format: got True"),
    (TEXT.replace("lr = 0.1", "lrr = 0.1"), "unknown key 'lrr'; did you mean 'lr'?"),
    (TEXT.replace("lr = 0.1", "lr = -0.1"), "lr: got -0.1"),
    (TEXT.replace("lr = 0.1", "lr = nan"), "lr is NaN"),
    (TEXT.replace("lr = 0.1", "lr = '0.1'"), "lr: got '0.1', wants a number"),
    (TEXT.replace("lr = 0.1", "lr = [0.1]"), "lr: got a list"),
    (TEXT.replace("batch = 1", "batch = 9"), "batch: got 9, wants 1 to 8"),
    (TEXT.replace("batch = 1", "batch = 1.0"), "batch: got 1.0, wants a whole number"),
    (TEXT.replace("batch = 1", "batch = 9999999"), "wants at most 1000000"),
    (TEXT.replace("dropout = 0.0", "dropout = 1.0"), "dropout: got 1"),
    (TEXT.replace("shuffle = true", "shuffle = 1"), "shuffle: got 1, wants true or false"),
    (TEXT.replace('init = "torch"', 'init = "kaimin"'), "did you mean 'kaiming'?"),
    (TEXT.replace('reduction = "batch"', 'reduction = "mean"'), "wants one of sum, batch, elements"),
    (TEXT.replace('kind = "SGD"', 'kind = "Adm"'), "did you mean 'Adam'?"),
    (TEXT.replace('kind = "SGD"', 'kind = "momentum"\nmomentun = 0.9'), "unknown key 'momentun'"),
    (TEXT.replace('kind = "SGD"', 'kind = "momentum"\nmomentum = -1'), "momentum: got -1.0, wants 0 or more"),
    (TEXT.replace('kind = "constant"', 'kind = "step"\nevery = 0'), "every: got 0, wants 1 or more"),
    (TEXT.replace('kind = "constant"', 'kind = "1/t"\ntau = 0'), "tau: got 0, wants a number above 0"),
    (TEXT.replace('kind = "given"', 'kind = "file"'), "data.kind: got 'file'"),
    (TEXT.replace("y = [0.0,", "y = [7.0,"), "wants class numbers from 0 to 1"),
    (TEXT.replace("[0.3, 0.8,", "[0.8,"), "wants equal rows"),
    (TEXT.replace("[0.3, 0.8,", "[0.3, inf,"), "data.given.x[0,1] is Infinity"),
    (TEXT.replace('"m0.bias" = [0.1, -0.2, 0.1]', '"m0.bias" = [0.1, -0.2]'), "m0.bias: got shape [2], wants [3]"),
    (TEXT.replace('"m0.bias"', '"m9.bias"'), "m9.bias: no such parameter"),
    (TEXT.replace('module = "ReLU"', 'module = "Rellu"'), "did you mean 'ReLU'?"),
    (TEXT.replace('module = "ReLU"', 'module = "os.system"'), "wants one of"),
    (TEXT.replace("features = 3", "feature = 3"), "did you mean 'features'?"),
    (TEXT.replace('kink = "torch"', 'kink = "both"'), "kink: got 'both'"),
    (TEXT.replace("features = 3", ""), "wants features"),
    (TEXT.replace("features = 3", "features = 0"), "wants 1 or more"),
    (TEXT.replace("features = 3", "features = true"), "wants a whole number"),
    (TEXT.replace("features = 3", "features = 1000000").replace("shape = [6]", "shape = [1000000]"), "wants at most"),
    (TEXT.replace("shape = [6]", "shape = [6, 0]"), "shape: got [6, 0]"),
    (TEXT.replace("shape = [6]", "shape = [2, 3]"), "m0 (Linear): got [2×3]"),
    (TEXT.replace('inputs = ["s1"]', 'inputs = ["s9"]'), "reads 's9', which nothing before it makes"),
    (TEXT.replace('name = "relu1"', 'name = "share me"'), "wants a name of letters"),
    (TEXT.replace('name = "y"', 'name = "x"'), "two have the name 'x'"),
    (TEXT.replace('module = "CrossEntropy"', 'module = "Add"'), "wants a cost"),
    (TEXT.replace("target = false", "target = true"), "wants at least one input"),
    (TEXT.replace("[net]", "net = 3\n[met]"), "unknown key 'met'"),
]


@pytest.mark.parametrize(("text", "wanted"), REFUSED, ids=[wanted for _, wanted in REFUSED])
def test_what_does_not_fit_is_refused_in_one_line(text: str, wanted: str) -> None:
    with pytest.raises(TomlError) as caught:
        from_toml(text)
    assert wanted in str(caught.value)
    assert "\n" not in str(caught.value)


def test_too_long_a_text_is_refused_before_it_is_read() -> None:
    with pytest.raises(TomlError, match="wants at most"):
        from_toml("#" * (17 << 20))


@given(st.data())
def test_a_damaged_file_never_raises_anything_else(data: st.DataObject) -> None:
    lines = TEXT.splitlines()
    at = data.draw(st.integers(0, len(lines) - 1))
    key = lines[at].partition(" = ")[0]
    values = ["", "0", "-1", "1e400", "nan", "true", "''", "[]", "[[]]", "{}", "1979-05-27", "['a']", "[1, [2]]", "0.5"]
    value = data.draw(st.sampled_from(values))
    lines[at] = data.draw(st.sampled_from([f"{key} = {value}", "", lines[at] * 2, f"{lines[at]} #"]))
    try:
        from_toml("\n".join(lines))
    except TomlError as error:
        assert "\n" not in str(error)


def test_defaults_may_be_left_out() -> None:
    net = TEXT[TEXT.index("[net]") :]
    experiment = from_toml(f"format = {FORMAT}\n{net}")
    assert experiment == Experiment(PRESETS["two-layer"].net)
    assert "format" in tomllib.loads(TEXT)


def test_a_penalty_wants_a_rate_for_each_input() -> None:
    row = '\n[[net.layer]]\nname = "l2"\nmodule = "L2"\ninputs = ["m0.weight"]\noutputs = ["R"]\nrates = [0.1, 0.2]\n'
    with pytest.raises(TomlError, match="got 2 rates, wants 1"):
        from_toml(TEXT + row)


def test_a_duplicate_wants_two_copies() -> None:
    text = to_toml(Experiment(EVERY_SETTING)).replace("copies = 3", "copies = 1")
    with pytest.raises(TomlError, match="copies"):
        from_toml(text)


def test_sums_and_joins_are_nets_too() -> None:
    net = (
        Net("two-costs")
        .input("x", 2)
        .add("m0", Linear(3), "x", "s")
        .target("y", 3, classes=True)
        .target("t", 3)
        .add("c0", CrossEntropy(), "s y", "C0")
        .add("c1", SquaredError(), "s t", "C1")
        .add("sum", Add(), "C0 C1", "C")
    )
    assert from_toml(to_toml(Experiment(net, batch=3))).net == net


def test_a_net_whose_parts_are_not_all_used() -> None:
    unused = TEXT[TEXT.index("[[net.layer]]") :].split("\n\n")[0].replace("m0", "m7").replace("s1", "s7")
    assert "m7" in to_toml(from_toml(f"{TEXT}\n{unused}\n"))
    given_but_unread = '\n[[net.given]]\nname = "u"\nshape = [1]\n'
    with pytest.raises(TomlError, match="'u' is read by no layer"):
        from_toml(TEXT + given_but_unread)
    alone = '\n[[net.layer]]\nname = "sum"\nmodule = "Add"\ninputs = ["C"]\noutputs = ["S"]\n'
    with pytest.raises(TomlError, match=r"sum \(Add\): got 1 input, wants"):
        from_toml(TEXT + alone)


@pytest.mark.parametrize("kind", REGISTRY)
def test_the_settings_of_every_module_are_of_types_that_a_file_has(kind: str) -> None:
    types = get_type_hints(REGISTRY[kind])
    kinds = {types[f.name] for f in fields(REGISTRY[kind])}
    assert kinds <= {int, float, bool, str, tuple[float, ...], tuple[int, ...]}


@st.composite
def nets(draw: st.DrawFn) -> Net:
    """Any wiring of vectors, with settings drawn too; some linear modules share their parameters."""
    net = Net("random").input("x", draw(st.integers(1, 4)))
    widths = {"x": net.given[0].shape[0]}
    shapes: dict[tuple[int, int], str] = {}
    for k in range(draw(st.integers(0, 6))):
        x, out = draw(st.sampled_from(sorted(widths))), f"v{k}"
        equal = sorted(name for name, width in widths.items() if width == widths[x])
        pair = f"{x} {draw(st.sampled_from(equal))}"
        kind = draw(st.sampled_from(["Linear", "LeakyReLU", "Dropout", "Scale", "Add", "Concatenate"]))
        if kind == "Linear":
            n = draw(st.integers(1, 4))
            owner = shapes.setdefault((widths[x], n), f"n{k}")
            net = net.add(f"n{k}", Linear(n), x, out, shares=None if owner == f"n{k}" else owner)
            widths[out] = n
            continue
        module = {
            "LeakyReLU": lambda: LeakyReLU(draw(finite)),
            "Dropout": lambda: Dropout(draw(unit)),
            "Scale": lambda: Scale(draw(finite)),
        }.get(kind, REGISTRY[kind])()
        net = net.add(f"n{k}", module, pair if kind in ("Add", "Concatenate") else x, out)
        widths[out] = widths[x] + (widths[pair.split()[1]] if kind == "Concatenate" else 0)
    net = net.add("out", Linear(2, bias=draw(st.booleans())), draw(st.sampled_from(sorted(widths))), "g")
    net = net.target("y", 2).add("cost", SquaredError(), "g y", "C")
    return net if any("x" in layer.inputs for layer in net.layers) else net.add("aside", Scale(), "x", "u")


@given(nets(), st.integers(0, 2**40))
def test_any_net_reads_back_equal(net: Net, seed: int) -> None:
    experiment = Experiment(net, seed=seed, batch=3)
    again = from_toml(to_toml(experiment))
    assert again == experiment
    assert repr(again) == repr(experiment)


@pytest.mark.parametrize("part", ["a", '"a b"', "'a'", "a "])
@pytest.mark.parametrize("shape", ["{} = 1", "[{}]", "x = {{{} = 1}}"])
def test_a_key_without_an_end_is_refused_before_it_is_read(part: str, shape: str) -> None:
    with pytest.raises(TomlError, match="too many parts"):
        parsed("format = 1\n" + shape.format(".".join([part] * 100_000)))


def test_a_text_of_many_words_and_points_is_searched_once() -> None:
    for text in (
        "a" * 500_000,
        '"' * 500_001,
        "\"'" * 250_000,
        "a.b " * 100_000,
        "a" + " " * 500_000,
        "1.5, " * 100_000,
    ):
        with pytest.raises(TomlError, match="is no TOML"):
            parsed(text)
