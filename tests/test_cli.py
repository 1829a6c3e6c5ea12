"""The command line: what it prints, its exit codes, and one line for all that is wrong."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bptui import __version__, cli
from bptui.cli.parser import THEMES
from bptui.engine.modules import ReLU
from bptui.engine.site import Site
from bptui.session.toml import to_toml
from bptui.sources.labs import TRAIN
from bptui.sources.presets import PRESETS

CORPUS = Path(__file__).parent / "sources" / "pytorch" / "corpus"
COMMAND = [sys.executable, "-m", "bptui.cli"]


def run(*words: str, **options: Any) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([*COMMAND, *words], capture_output=True, text=True, encoding="utf-8", timeout=60, **options)


BAD_USE = [
    ("nothing", "invalid choice: 'nothing'"),
    ("--colour", "unrecognized arguments: --colour"),
    ("trace", "trace: wants NET"),
    ("check", "check: wants NET"),
    ("export", "the following arguments are required: --to"),
    ("export --to dot", "export: wants NET"),
    ("export two-layer --to pdf", "invalid choice: 'pdf'"),
    ("export two-layr --to dot", "did you mean 'two-layer'?"),
    ("export two-layer --to torch --set lr=fast", "lr: got 'fast', wants a number"),
    ("export two-layer --to md --params none.json", "none.json: No such file"),
    ("export two-layer --to numpy --set init=constant scale=1e300 l2=1", "is not finite in the first step"),
    ("export two-layer --to torch --out README.md", "README.md: exists already; wants the name of a new file"),
    ("export two-layer --to torch --out none/net.py", "none/net.py: No such file"),
    ("export two-layer --to torch --out .", ".: exists already"),
    ("trace two-layer perceptron", "unrecognized arguments: perceptron"),
    ("trace two-layr", "unknown net 'two-layr'; did you mean 'two-layer'?"),
    ("trace ../two-layer", "unknown net '../two-layer'"),
    ("check two-layr", "did you mean 'two-layer'?"),
    ("step two-layr", "did you mean 'two-layer'?"),
    ("trace net.py", "net.py: No such file"),
    ("trace none.toml", "none.toml: No such file"),
    ("trace two-layer --format xml", "invalid choice: 'xml'"),
    ("trace two-layer --steps 0", "--steps: got '0'"),
    ("trace two-layer --steps -1", "--steps: got '-1'"),
    ("trace two-layer --steps many", "--steps: got 'many'"),
    ("trace two-layer --steps " + "9" * 5000, "wants a whole number from 1"),
    ("trace two-layer --steps", "expected one argument"),
    ("trace two-layer --seed x", "seed: got 'x', wants a whole number"),
    ("trace two-layer --seed -1", "seed: got -1, wants 0 or more"),
    ("trace two-layer --set lr", "--set: got 'lr', wants KNOB=VALUE"),
    ("trace two-layer --set lrr=1", "unknown knob 'lrr'; did you mean 'lr'?"),
    ("trace two-layer --set lr=fast", "lr: got 'fast', wants a number"),
    ("trace two-layer --set lr=nan", "lr: got nan"),
    ("trace two-layer --set lr=inf", "lr: got inf, wants a number from 0, and finite"),
    ("trace mynet --set init=given", "no parameters came with this net"),
    ("trace two-layer --set batch=9", "batch: got 9, wants 1 to 8"),
    ("trace two-layer --set optimiser=adm", "did you mean 'Adam'?"),
    ("trace two-layer --set schedule=1/t tau=0", "tau: got 0, wants a number above 0"),
    ("trace two-layer --set schedule=exponential gamma=3", "gamma: got 3, wants a number from 0 to 1"),
    ("trace two-layer --set optimiser=AdamW beta2=3", "beta2: got 3, wants a number from 0 to below 1"),
    ("check skip --set cost=cross-entropy", "cross-entropy wants a class as target, and y is none"),
    ("trace perceptron --set dropout=0.5", "no hidden layer to drop from"),
    ("trace two-layer --params none.json", "none.json: No such file"),
    ("trace two-layer --params .", ".: "),
    ("trace two-layer --input .", ".: "),
    ("check two-layer --set dtype=float32", "float64 only"),
    ("step two-layer", "not a terminal"),
    ("step --ascii --theme safe two-layer", "not a terminal"),
    ("", "not a terminal"),
    ("train", "not a terminal"),
    ("descend --ascii", "not a terminal"),
    ("train spirls", "did you mean 'spirals'?"),
    ("train net.py", "net.py: No such file"),
    ("train none.toml", "none.toml: No such file"),
    ("train none.csv --target a --features b", "none.csv: No such file"),
    ("train xor --target a", "are for a .csv file"),
    ("train none.csv --classes --values", "not allowed with argument"),
    ("train practicum --set lr=fast", "lr: got 'fast', wants a number"),
    ("train moons --seed x", "seed: got 'x', wants a whole number"),
    ("train moons xor", "unrecognized arguments: xor"),
    ("descend rosenbrok", "did you mean 'rosenbrock'?"),
    ("descend line --set batch=99", "batch: got 99, wants 1 to 32"),
    ("--theme pink", "invalid choice: 'pink'"),
    ("trace two-layer --arg d0=1", "two-layer: --arg, --class and --input-shape are for a .py file"),
    ("train moons --class Net", "moons: --arg, --class and --input-shape are for a .py file"),
    ("descend net.py", "bptui descend wants a surface; bptui step and bptui train open a Python file"),
    (f"trace {CORPUS / 'arg_option.py'}", "arg_option.py:10: Net needs d, hidden; --arg d=VALUE gives it"),
    (f"trace {CORPUS / 'arg_option.py'} --arg", "expected one argument"),
    (f"trace {CORPUS / 'arg_option.py'} --arg d", "--arg: got 'd', wants NAME=VALUE"),
    (f"trace {CORPUS / 'arg_option.py'} --arg dd=3", "--arg dd: Net takes d, hidden, act, classes; did you mean 'd'?"),
    (
        f"check {CORPUS / 'first_steps.py'} --class Nett",
        "has no class 'Nett' that derives from nn.Module; did you mean",
    ),
    (f"check {CORPUS / 'first_steps.py'} --input-shape 3x", "--input-shape: got '3x', wants whole numbers from 1"),
    (f"check {CORPUS / 'first_steps.py'} --input-shape 4 --input-shape 4", "got 2 shapes, forward takes 1"),
    (f"check {CORPUS / 'lecture_net_broken.py'}", "the program stops with an error before there is a cost"),
    (f"train {CORPUS / 'lecture_net_broken.py'}", "(30x20 and 600x60); bptui step shows where"),
    (f"step {CORPUS / 'refuses_conv.py'}", "refuses_conv.py:7: nn.Conv2d is not supported"),
    (f"step {CORPUS / 'first_steps.py'}", "not a terminal"),
    ("step two-layer --params weights.pt", "weights.pt: No such file"),
    (f"check {CORPUS / 'other_cost.py'}", "nn.SmoothL1Loss is not supported; costs are CrossEntropyLoss, NLLLoss"),
    (f"check {CORPUS / 'other_cost.py'} --set cost=nil", "--set cost=NAME takes one of squared, absolute"),
]


@pytest.mark.parametrize(("words", "wanted"), BAD_USE, ids=[words[:50] or "home" for words, _ in BAD_USE])
def test_bad_use_is_one_line(words: str, wanted: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(words.split()) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("bptui: ")
    assert captured.err.count("\n") == 1
    assert wanted in captured.err


@pytest.mark.parametrize(
    ("option", "name", "text", "wanted"),
    [
        ("--params", "p.json", '{\n"m0.bias": [1,\n}', "line 3"),
        ("--params", "p.json", '{"m0.bias": [1, "NaN", 2]}', "m0.bias[1] is NaN"),
        ("--params", "p.json", '{"m0.bias": [1, 2]}', "got shape [2], wants [3]"),
        ("--params", "p.json", '{"\\u001b[31m\\n": 1}', "is no parameter"),
        ("--input", "x.json", '{"x": [1, 2]}', "got shape [2], wants [6]"),
        ("--input", "x.json", '{"x": [1, 2, 3, 4, 5, 6], "target": 9}', "class numbers from 0 to 1"),
        (None, "e.toml", "format = 9", "a newer one reads this"),
        (None, "e.toml", "format = 1\nnet = [", "e.toml: is no TOML"),
        (None, "e.toml", "\udcff", "is not text in UTF-8"),
    ],
)
def test_bad_files_are_one_line(
    option: str | None, name: str, text: str, wanted: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    path.write_bytes(text.encode(errors="surrogateescape"))
    assert cli.main(["trace", "two-layer", option, str(path)] if option else ["trace", str(path)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert captured.err.isprintable() or captured.err[:-1].isprintable()
    assert wanted in captured.err


def test_a_huge_file_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "huge.json"
    with path.open("wb") as file:
        file.truncate(2 << 30)
    for words in (["mynet", "--params"], ["mynet", "--input"]):
        done = run("trace", *words, str(path))
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == f"bptui: {path}: has 2048 MB, wants at most 32 MB\n"


def test_a_trace_of_pytorch_source_says_what_was_decided(capsys: pytest.CaptureFixture[str]) -> None:
    path = str(CORPUS / "lecture_net.py")
    assert cli.main(["trace", path]) == 0
    first, *rest = capsys.readouterr().out.splitlines()
    assert first == f"From {path}:"
    said = rest[: rest.index("")]
    assert "Forward takes one sample, not a batch (line 18)." in said
    assert any(line.startswith("No cost is in the file: cross-entropy") for line in said)


def test_pytorch_source_is_made_as_the_arguments_say(capsys: pytest.CaptureFixture[str]) -> None:
    path = str(CORPUS / "arg_option.py")
    words = ["--arg", "d=4", "--arg", "hidden=[7]", "--arg", "act=sigmoid", "--set", "lr=0.5"]
    assert cli.main(["trace", path, "--format", "json", *words]) == 0
    trace = json.loads(capsys.readouterr().out)
    assert [np.shape(value) for value in trace["parameters"].values()] == [(7, 4), (7,), (3, 7), (3,)]
    assert "Sigmoid" in [event["kind"] for event in trace["events"]]


def test_another_cost_takes_the_place_of_one_that_is_not_supported(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", str(CORPUS / "other_cost.py"), "--set", "cost=absolute"]) == 0
    assert "OFF" not in capsys.readouterr().out


def test_a_program_that_stops_is_traced_up_to_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["trace", str(CORPUS / "lecture_net_broken.py"), "--format", "json", "--steps", "2"]) == 0
    trace = json.loads(capsys.readouterr().out)
    assert [event["phase"] for event in trace["events"]] == ["batch", "forward", "forward", "forward"] * 2
    assert trace["events"][3]["equation"] == "mat1 and mat2 shapes cannot be multiplied (30x20 and 600x60)"
    assert (trace["cost"], trace["gradients"]) == (None, {})


def test_the_list_of_nets(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["step"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[: len(PRESETS)]] == list(PRESETS)
    assert re.match(r"mynet +600-60-40-10 +the lecture's net", lines[4])


def test_trace_prints_one_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["trace", "two-layer", "--format", "json", "--seed", "7", "--set", "l2=0.1", "batch=2"]) == 0
    trace = json.loads(capsys.readouterr().out)
    assert (trace["net"], trace["seed"], len(trace["target"])) == ("two-layer", 7, 2)
    assert "L2" in [event["kind"] for event in trace["events"]]


def test_knobs_may_come_before_the_net_and_more_than_once(capsys: pytest.CaptureFixture[str]) -> None:
    printed = []
    for words in (
        ["trace", "spiral", "--set", "lr=0.5", "batch=2"],
        ["trace", "--set", "lr=0.5", "--set", "batch=2", "spiral"],
        ["trace", "--set", "lr=0.5", "batch=2", "--", "spiral"],
    ):
        assert cli.main(words) == 0
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1] == printed[2]
    assert "Learning rate 0.5" in printed[0]


def test_a_trace_goes_back_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "trace.json"
    assert cli.main(["trace", "spiral", "--format", "json", "--set", "batch=3", "--seed", "5"]) == 0
    text = capsys.readouterr().out
    path.write_text(text, encoding="utf-8")
    words = ["--params", str(path), "--input", str(path), "--set", "init=zeros", "--seed", "5"]
    assert cli.main(["trace", "spiral", "--format", "json", *words]) == 0
    assert capsys.readouterr().out == text


@pytest.mark.parametrize("name", PRESETS)
def test_an_experiment_in_a_file_is_the_experiment(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "saved.toml"
    path.write_text(to_toml(PRESETS[name]), encoding="utf-8")
    printed = []
    for net in (name, str(path)):
        assert cli.main(["trace", net, "--format", "md"]) == 0
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1]


@pytest.mark.some(5)
@pytest.mark.parametrize("name", PRESETS)
def test_check_finds_every_gradient_right(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", name]) == 0
    out = capsys.readouterr().out
    assert "OFF" not in out
    for variable in PRESETS[name].graph.differentiable - set(PRESETS[name].graph.copy_of):
        assert re.search(rf"^{re.escape(variable)} .* ok$", out, re.MULTILINE)


@pytest.mark.parametrize("kink", ["torch", "other"])
def test_check_lists_kinks_apart(kink: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "tie.json"
    same = {f"{m}.{p}": v for m in ("m0", "m1") for p, v in (("weight", [[0.5, 0.5]] * 3), ("bias", [0, 0, 0]))}
    path.write_text(json.dumps(same))
    assert cli.main(["check", "switch", "--params", str(path), "--set", f"kink={kink}"]) == 0
    out = capsys.readouterr().out
    assert "lie within h of a kink" in out
    assert "none to compare" in out


def test_check_says_which_gradient_is_off(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    right = ReLU.backward

    def wrong(module: ReLU, at: Site) -> None:
        right(module, at)
        assert at.dx is not None
        at.call(np.multiply, at.dx, 1.001, out=at.dx)

    monkeypatch.setattr(ReLU, "backward", wrong)
    assert cli.main(["check", "two-layer"]) == 1
    out = capsys.readouterr().out
    assert "off: x, m0.weight, m0.bias, s1\n" in out
    assert out.count("OFF") == 4


def test_an_export_takes_what_a_trace_takes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "net.py"
    parameters = {name: value.tolist() for name, value in PRESETS["two-layer"].initial().items()}
    parameters["m0.bias"] = [9.0, 8.0, 7.0]
    files = ["--params", str(tmp_path / "p.json"), "--input", str(tmp_path / "x.json")]
    (tmp_path / "p.json").write_text(json.dumps(parameters))
    (tmp_path / "x.json").write_text(json.dumps({"x": [1, 2, 3, 4, 5, 6], "target": 1}))
    words = ["export", "two-layer", "--to", "numpy", "--seed", "7", "--set", "l2=0.1", "lr=0.5", *files]
    assert cli.main(words) == 0
    text = capsys.readouterr().out
    assert "m0_bias = np.array([9.0, 8.0, 7.0])\n" in text
    assert "x = np.array([[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]])\n" in text
    assert "0.1 * (m0_weight**2).sum()" in text
    assert cli.main([*words, "--out", str(out)]) == 0
    assert capsys.readouterr().out == f"{out} is written\n"
    assert out.read_text(encoding="utf-8") == text
    assert cli.main([*words[:3], "dot", "--out", str(out)]) == 2
    assert out.read_text(encoding="utf-8") == text


def test_version_and_help_load_nothing_heavy() -> None:
    script = (
        "import sys; from bptui import cli\n"
        "try: cli.main(sys.argv[1:])\n"
        "except SystemExit as done: assert not done.code\n"
        "heavy = {'numpy', 'textual', 'plotext', 'tomlkit'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    for word in ("--version", "--help"):
        done = subprocess.run([sys.executable, "-c", script, word], capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stderr) == (0, "")
        assert __version__ in done.stdout or "COMMAND" in done.stdout


@pytest.mark.some(5)
@pytest.mark.parametrize(
    "words",
    [
        "trace two-layer",
        "trace mynet --format json",
        "trace chain --format md",
        "check skip",
        *(f"export dropout --to {form}" for form in ("torch", "numpy", "dot", "md")),
        f"check {CORPUS / 'first_steps.py'}",
    ],
)
def test_print_commands_load_neither_textual_nor_plotext(words: str) -> None:
    script = (
        "import sys; from bptui import cli\n"
        "assert cli.main(sys.argv[1:]) == 0\n"
        "loaded = {name.partition('.')[0] for name in sys.modules} & {'textual', 'plotext', 'rich', 'tomlkit'}\n"
        "assert not loaded, loaded"
    )
    done = subprocess.run([sys.executable, "-c", script, *words.split()], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def test_one_thread_is_asked_for_before_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert cli.main(["trace", "nothing"]) == 2
    assert (os.environ["OPENBLAS_NUM_THREADS"], os.environ["OMP_NUM_THREADS"]) == ("1", "3")


@pytest.mark.skipif(os.name == "nt", reason="pipes end otherwise there")
def test_a_closed_pipe_is_silent() -> None:
    process = subprocess.Popen(
        [*COMMAND, "trace", "mynet", "--format", "json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout and process.stderr
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(30) == 141


@pytest.mark.skipif(os.name == "nt", reason="signals are other ones there")
@pytest.mark.skipif(signal.getsignal(signal.SIGINT) == signal.SIG_IGN, reason="a job in the background ignores it")
def test_ctrl_c_is_silent() -> None:
    process = subprocess.Popen(
        [*COMMAND, "trace", "mynet", "--steps", "100000"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout and process.stderr
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (130, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device here")
def test_a_full_disk_is_one_line() -> None:
    with open("/dev/full", "w") as full:  # noqa: PTH123
        done = subprocess.run([*COMMAND, "trace", "chain"], stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (2, "bptui: standard output: No space left on device\n")


@pytest.mark.skipif(os.name == "nt", reason="no such redirection there")
@pytest.mark.parametrize("redirection", ["2>&-", "2>/dev/full"])
def test_bad_use_is_told_by_the_exit_code_where_it_cannot_be_said(redirection: str) -> None:
    if "/dev/full" in redirection and not Path("/dev/full").exists():
        pytest.skip("there is no full device here")
    done = subprocess.run(["sh", "-c", f'"$@" {redirection}', "sh", *COMMAND, "trace", "nothing"], timeout=60)
    assert done.returncode == 2


@pytest.mark.parametrize(("lab", "name"), [("train", "practicum"), ("descend", "rosenbrock")])
def test_the_labs_list_what_they_open(lab: str, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([lab, "--list"]) == 0
    assert f"\n{name} " in capsys.readouterr().out


def test_names_are_understood_in_any_case(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["trace", "Two-Layer", "--set", "Optimiser=adam", "L2=0.1"]) == 0
    shown = capsys.readouterr().out
    assert cli.main(["trace", "two-layer", "--set", "optimiser=Adam", "l2=0.1"]) == 0
    assert capsys.readouterr().out == shown


def test_output_is_utf8_in_a_pipe_whatever_the_locale() -> None:
    done = run("trace", "chain", "--format", "md", env={**os.environ, "PYTHONIOENCODING": "ascii", "LC_ALL": "C"})
    assert done.returncode == 0
    assert "W₀" in done.stdout


def test_the_themes_are_the_interfaces() -> None:
    theme = pytest.importorskip("bptui.tui.theme")
    assert tuple(theme.NAMES) == THEMES


def test_step_opens_the_experiment(monkeypatch: pytest.MonkeyPatch) -> None:
    app = pytest.importorskip("bptui.tui.app")
    opened: list[Any] = []
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setattr(app, "run", lambda load=None, net="", **options: opened.append((load, net, options)))
    for stream in (sys.stdin, sys.stdout):
        monkeypatch.setattr(stream, "isatty", lambda: True, raising=False)
    assert cli.main(["step", "two-layer", "--set", "lr=0.5", "--ascii"]) == 0
    assert cli.main(["--theme", "light"]) == 0
    assert cli.main(["train", "--set", "lr=0.5"]) == 0
    monkeypatch.setenv("TERM", "dumb")
    assert cli.main(["step", "two-layer"]) == 2
    (first, net, options), (second, _, others), (third, spirals, _) = opened
    assert spirals == "spirals"
    assert third().sessions[0].experiment == TRAIN["spirals"].changed(lr=0.5)
    assert first().sessions[0].experiment == PRESETS["two-layer"].changed(lr=0.5)
    assert net == "two-layer"
    assert options == {"place": "step", "theme": None, "ascii_only": True, "mouse": True}
    assert second is None
    assert others == {"place": "step", "theme": "light", "ascii_only": False, "mouse": True}
