"""A run as text to copy and paste: it comes back as it was, or says in one line why not."""

from __future__ import annotations

import base64
import io
import re
import sys
import textwrap
import zlib
from hashlib import blake2b
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bptui.session.actions import Forward, Jump, SetKnob
from bptui.session.redo import marks_of
from bptui.session.session import Session
from bptui.session.toml_values import TomlError
from bptui.sources import typed
from bptui.sources.opening import to_step
from bptui.sources.pasted import BYTES, pasted
from bptui.sources.presets import PRESETS
from bptui.sources.receipts import (
    Look,
    armoured,
    characters,
    from_receipt,
    is_armoured,
    is_whole,
    to_receipt,
    unarmoured,
)
from bptui.sources.receipts.armour import MOST, UNPACKED

NET = """import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(3, 4)

    def forward(self, x):
        return torch.relu(self.a(x))
"""


def run(steps: int = 0, look: Look | None = None) -> str:
    session = Session(PRESETS["mynet"])
    session.apply(SetKnob("lr", "0.5"))
    if steps:
        session.apply(Jump(steps, 0))
    for _ in range(3):
        session.apply(Forward())
    at = session.address
    parameters = session.history.parameters(at.branch, at.step)[1]
    return to_receipt(session.history, at, parameters, marks_of(session), look)


def made(payload: bytes, version: int = 1) -> str:
    packed = base64.b64encode(payload).decode()
    checksum = blake2b(packed.encode(), digest_size=4).hexdigest()
    return f"-----BEGIN BPTUI RUN {version}-----\n{packed}\n-----END BPTUI RUN {checksum}-----\n"


@given(st.text(max_size=2000), st.integers(1, 100))
def test_any_text_comes_back_from_lines_of_any_width(text: str, width: int) -> None:
    text = text.encode("utf-8", "replace").decode()
    lines = armoured(text, width)
    assert all(len(line) <= min(width, 76) for line in lines[1:-1])
    copied = "\n".join(lines)
    assert characters(lines) == len(copied) + 1 and copied.isascii()
    assert is_armoured(copied) and is_whole(copied) and unarmoured(copied) == text


@pytest.mark.parametrize(
    "copied",
    [
        lambda text: "mail from me:\n\n" + text + "\nbye",
        lambda text: textwrap.indent(text, "  > "),
        lambda text: "".join(f"{line:<80}\r\n" for line in text.split("\n")),
        lambda text: "\n".join(f"│ {line} │" for line in text.split("\n")),
        lambda text: re.sub(r"(?<=[^-\n]{30})(?=[^-\n]{30})", "\n", text),
    ],
)
def test_what_a_terminal_or_a_mail_does_to_the_lines_does_not_matter(copied: object) -> None:
    text = "\n".join(armoured(run()))
    assert unarmoured(copied(text)) == run()  # type: ignore[operator]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("-----END BPTUI RUN 00000000-----", "the first line is missing"),
        ("-----BEGIN BPTUI RUN 1-----\nabc", "the last line is missing"),
        ("-----BEGIN BPTUI RUN 7-----\nabc", "of a newer bptui: its text is of kind 7, this one knows 1"),
        ("-----BEGIN BPTUI RUN 1-----\nabc\n-----END BPTUI RUN 00000000-----", "not as it was copied"),
        (made(b"no zlib"), "holds no run"),
        (made(zlib.compress(b"\xff\xff")), "holds no run"),
        (made(zlib.compress(b"format = 1")[:-3]), "not all of a run"),
        (made(zlib.compress(b" " * (UNPACKED + 1))), f"holds more than {UNPACKED} bytes"),
        (made(zlib.compress(b"format = 99")), "a newer one reads this"),
        (made(zlib.compress(b"hello")), "is no TOML"),
    ],
)
def test_what_is_no_run_is_one_line(text: str, said: str) -> None:
    with pytest.raises(TomlError) as raised:
        from_receipt(text)
    assert said in str(raised.value) and str(raised.value).isprintable()


def test_one_letter_that_differs_is_noticed() -> None:
    lines = armoured(run())
    for k in range(len(lines[1])):
        other = "A" if lines[1][k] != "A" else "B"
        with pytest.raises(TomlError, match="not as it was copied"):
            unarmoured("\n".join([lines[0], lines[1][:k] + other + lines[1][k + 1 :], *lines[2:]]))


def test_what_is_too_long_to_be_pasted_is_not_given() -> None:
    import random

    noise = random.Random(1).randbytes(MOST).hex()
    with pytest.raises(ValueError, match="too much to be pasted"):
        armoured(noise)
    with pytest.raises(ValueError, match="too much to be pasted"):
        armoured("x" * (UNPACKED + 1))


def test_a_file_with_it_opens_like_the_receipt(tmp_path: Path) -> None:
    receipt = run(4, Look(pane="knobs"))
    for name, text in (("a.txt", "\n".join(armoured(receipt))), ("b.toml", receipt), ("c.txt", receipt)):
        (tmp_path / name).write_text(text, encoding="utf-8")
        opened = to_step(str(tmp_path / name), lambda experiment: experiment)
        assert opened.look == Look(pane="knobs") and opened.said == "run again, 4 steps: every bit as it was saved"


def test_standard_input_is_read_up_to_the_last_line(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "\n".join(armoured(run(2, Look())))
    rest = io.BytesIO(f"{text}\nnext command\n".encode())
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(rest))
    typed.typed.cache_clear()
    try:
        assert to_step("-", lambda experiment: experiment).sessions[0].address.step == 2
        assert to_step("-", lambda experiment: experiment).sessions[0].address.step == 2
    finally:
        typed.typed.cache_clear()


# -- pasting


def test_a_run_of_the_workbench_opens_there_and_one_of_the_lab_in_the_lab() -> None:
    opened, place = pasted("\n".join(armoured(run(3, Look(pane="watches")))))
    assert place == "step" and opened.look == Look(pane="watches")
    assert opened.sessions[0].address.step == 3 and "every bit" in opened.said
    opened, place = pasted("\n".join(armoured(run(3))))
    assert place == "train" and opened.receipt is not None


def test_a_receipt_as_it_is_may_be_pasted_too_even_if_its_source_speaks_of_runs() -> None:
    opened, _ = pasted(NET.replace("import torch\n", "import torch  # -----BEGIN BPTUI\n"))
    session, source = opened.sessions[0], opened.source
    assert source is not None
    parameters = session.history.parameters(0, 0)[1]
    text = to_receipt(session.history, session.address, parameters, look=Look(), source=source)
    again, place = pasted(text)
    assert place == "step" and again.source is not None and again.source.text == source.text


def test_the_source_of_a_net_opens_with_it_and_is_not_run() -> None:
    opened, place = pasted(NET + "\nopen('/nowhere/at/all', 'w')\n")
    assert place == "step" and opened.source is not None and opened.source.lines["a"] == 11
    assert opened.again is None  # there is no file to look at


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "nothing is pasted yet"),
        (" \n\t\n", "nothing is pasted yet"),
        ("def f(:\n", "line 1: is no Python"),
        (NET.replace("relu", "nonsense"), "line 11: "),
        ("x = 1\n", "line 1: "),
        (NET.replace("self.a(x)", "x"), "line 11: the shape of x is not known"),
        ("x" * (BYTES + 1), "too long"),
        (
            NET.replace(
                "return torch.relu(self.a(x))",
                "x = self.a(x)\n" + "        x = torch.relu(x)\n" * 300 + "        return x",
            ),
            "302 modules; what is pasted may have 100",
        ),
        ("\0", "line 1: holds a null character"),
    ],
)
def test_what_cannot_be_opened_is_one_line(text: str, said: str) -> None:
    with pytest.raises(ValueError) as raised:
        pasted(text)
    assert said in str(raised.value) and "\n" not in str(raised.value)


def test_a_long_way_can_be_ended() -> None:
    def enough(step: int) -> None:
        raise ValueError("enough")

    with pytest.raises(ValueError, match="enough"):
        pasted("\n".join(armoured(run(300, Look()))), enough)


@given(st.text(max_size=300))
def test_no_text_is_more_than_refused(text: str) -> None:
    try:
        pasted(text)
    except ValueError as error:
        assert str(error).isprintable()


@given(st.text(max_size=40), st.sampled_from(["name", "source", "node", "word"]))
def test_nothing_of_a_receipt_that_is_refused_or_shown_acts_on_a_terminal(text: str, where: str) -> None:
    receipt = {
        "name": "format = 1\nfrom = " + _toml(text),
        "source": run(0, Look()) + "[source]\npath = " + _toml(text) + '\ntext = ""\n[source.lines]\n[source.phases]\n',
        "node": "format = 1\n[net]\nname = " + _toml(text),
        "word": text,
    }[where]
    try:
        opened, _ = pasted("\n".join(armoured(receipt)))
    except ValueError as error:
        assert str(error).isprintable()
    else:
        assert opened.source is None or opened.source.path.isprintable()


def _toml(text: str) -> str:
    return '"' + "".join(f"\\U{ord(c):08x}" for c in text.encode("utf-8", "replace").decode()) + '"'
