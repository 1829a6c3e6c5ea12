"""Lesson files: what is read, and every error with its line."""

from __future__ import annotations

import pytest
from lesson_files import FRONT, SUMS, fence, lesson, step

from bptui.course.format import read
from bptui.course.lesson import Choice, Do, Measured, Ordering, Pick, Predict
from bptui.course.problem import LessonError
from bptui.course.quantity import Quantity
from bptui.course.skeleton import new
from bptui.course.table import MAX_ITEMS

STAGE = fence("stage", SUMS)
PREDICT = fence("predict", 'ask = "?"\nanswer = "grad z[0]"')


def problems(text: str | bytes) -> list[str]:
    with pytest.raises(LessonError) as caught:
        read(text.encode() if isinstance(text, str) else text, "x.md")
    return [str(problem) for problem in caught.value.problems]


def test_a_lesson_is_read_with_its_lines() -> None:
    found = read(SKELETON.encode(), "x.md")
    lines = SKELETON.split("\n")
    assert [s.id for s in found.steps] == ["first", "predict", "recap", "question"]
    for s in found.steps:
        assert lines[s.line - 1].startswith(f"## {s.title} {{#{s.id}}}")
        assert s.ask is None or lines[s.ask.line - 1] in ("```predict", "```do")
    first, predict = found.steps[0], found.steps[1]
    assert isinstance(first.ask, Do)
    assert first.ask.solution == ("forward 2",)
    assert len(first.ask.hints) == 1
    assert "explain" not in first.text
    assert isinstance(predict.ask, Predict)
    assert predict.ask.question == Measured(Quantity("grad", "z", (0,)), 2)
    assert predict.notes[0].where == "many a blackboard"
    assert predict.text == "A step asks for one thing at most."


def test_a_stage_goes_on_from_the_one_before() -> None:
    found = lesson(
        step(STAGE, id="a"),
        step(fence("stage", 'at = "backward m"\nsamples.z = [[2.0, 3.0]]\nknobs.lr = 0.5'), id="b"),
        step(id="c"),
        step(fence("stage", 'net = "two-layer"'), id="d"),
    )
    a, b, c, d = (s.stage for s in found.steps)
    assert a is not None
    assert b is not None
    assert d is not None
    assert b.net == a.net
    assert b.parameters == a.parameters
    assert dict(b.samples) == dict(a.samples) | {"z": ((2.0, 3.0),)}
    assert b.knobs == (("lr", "0.5"),)
    assert a.at is None
    assert c is b
    assert (d.net, d.samples, d.knobs, d.at) == ("two-layer", (), (), None)


def test_every_kind_of_question_is_read() -> None:
    asks = (
        'choices = [{ text = "yes", right = true }, { text = "no", why = "look" }]',
        'pick = "m"\nwhy = { cost = "later" }',
        'order = ["one", "two", "three"]',
        'order = ["grad z[0]", "grad z[1]"]\nby = "value"',
        'answer = "shape m.weight"',
    )
    steps = [step(STAGE, fence("predict", f'ask = "?"\n{ask}'), id=f"s{k}") for k, ask in enumerate(asks)]
    found = [s.ask for s in lesson(*steps).steps]
    assert all(isinstance(ask, Predict) for ask in found)
    kinds = [type(ask.question) for ask in found if isinstance(ask, Predict)]
    assert kinds == [Choice, Pick, Ordering, Ordering, Measured]
    assert [ask.reroll for ask in found if isinstance(ask, Predict)] == [None, None, None, (), None]


SKELETON = new("A lesson")
HEAD = FRONT.count("\n")  # lines before the first step

ERRORS = [
    ("", "x.md:1: wants front matter"),
    ("+++\nid = 'a'\n", "x.md:1: the front matter +++ is never closed"),
    (FRONT.replace("minutes", "minute"), "x.md:5: front matter: unknown key 'minute', did you mean 'minutes'?"),
    (FRONT.replace("minutes = 5\n", ""), "x.md:2: front matter: wants minutes, a whole number from 1 to 60"),
    (FRONT.replace("5", "500"), "x.md:5: front matter: minutes: got 500, wants a whole number from 1 to 60"),
    (FRONT.replace("5", "true"), "x.md:5: front matter: minutes: got True, wants a whole number"),
    (FRONT.replace('"a-lesson"', '"A lesson"'), "x.md:2: front matter: id: got 'A lesson', wants small letters"),
    (FRONT.replace('["one"]', "one"), "x.md:4: front matter: is no TOML"),
    (FRONT, "x.md: has no steps"),
    (FRONT + "words\n" + step(STAGE), f"x.md:{HEAD + 1}: stands before the first step"),
    (FRONT + "## A step\n\nWords.\n", f"x.md:{HEAD + 1}: the step has no id"),
    (FRONT + step(STAGE) + step(), f"x.md:{HEAD + 16}: the id 'first' is taken by an earlier step"),
    (FRONT + "## A {#a}\n", f"x.md:{HEAD + 1}: the step says nothing"),
    (FRONT + "## A {#a}\n\nSee [this](http://x.org).\n", f"x.md:{HEAD + 3}: '](': HTML, links and other headings"),
    (FRONT + "## A {#a}\n\nSee <b>this</b>.\n", f"x.md:{HEAD + 3}: '<b>': HTML"),
    (FRONT + "## A {#a}\n\nA \x1b[2J thing.\n", f"x.md:{HEAD + 3}: has the character U+001B"),
    (FRONT + "## A {#a}\n\nA \u202e thing.\n", f"x.md:{HEAD + 3}: has the character U+202E"),
    (FRONT + "## A {#a}\n\n" + "x" * 2001, f"x.md:{HEAD + 3}: has 2001 characters"),
    ((FRONT + "## A {#a}\n\nA ").encode() + b"\xff", f"x.md:{HEAD + 3}: is not text in UTF-8"),
    (FRONT + " " * 300_000, "x.md: has 300"),
    (FRONT + step("```predict\nask = '?'\n"), f"x.md:{HEAD + 5}: the fence ```predict is never closed"),
    (
        FRONT + step("```stage\nnet = 'chain'\n", "```do\nask='?'\nstep=1\nsolution=['next step']\n```"),
        f"x.md:{HEAD + 5}: the fence ```stage is never closed",
    ),
    (FRONT + step(fence("predikt", "")), f"x.md:{HEAD + 5}: unknown directive 'predikt', did you mean 'predict'?"),
    (
        FRONT + step(fence("predict", 'ask = "?"\nequal = "x"\nanswer = "loss"')),
        f"x.md:{HEAD + 7}: predict: unknown key 'equal'",
    ),
    (
        FRONT + step(fence("predict", 'ask = "?"\nanswr = "loss"\ndigits = 2')),
        f"x.md:{HEAD + 7}: predict: unknown key 'answr', did you mean 'answer'?",
    ),
    (
        FRONT + step(fence("predict", 'ask = "?"\ndigits = 2')),
        f"x.md:{HEAD + 5}: predict: wants one of answer, choices, pick, order, got none",
    ),
    (
        FRONT + step(fence("predict", 'ask = "?"\nanswer = “loss”')),
        f"x.md:{HEAD + 7}: predict: is no TOML: Invalid value; quotes are straight ones",
    ),
    (FRONT + step() + "\nIt is {{ value s[0] }.", f"x.md:{HEAD + 6}: {{{{ and }}}} stand round a quantity"),
    (FRONT + step() + "\nIt is {{ value\ns[0] }}.", f"x.md:{HEAD + 7}: {{{{ and }}}} stand round a quantity"),
    (
        FRONT + step(fence("stage", 'net = "chain"\nshow = ["diagramm"]')),
        "source, watches; did you mean 'diagram'?",
    ),
    (
        FRONT + step(fence("predict", 'ask = "?"\nanswer = "gradd z[0]"')),
        f"x.md:{HEAD + 7}: predict: answer: 'gradd z[0]' is no quantity, did you mean 'grad'?",
    ),
    (FRONT + step(fence("predict", 'ask = "{{ z }}"\nanswer = "loss"')), f"x.md:{HEAD + 6}: predict: ask: 'z' is no"),
    (FRONT + step() + "\nIt is {{ value }}.", f"x.md:{HEAD + 6}: 'value': got '', wants a name"),
    (FRONT + step(PREDICT, PREDICT), f"x.md:{HEAD + 10}: a step asks for one thing"),
    (FRONT + step(fence("hint", "Look.")), f"x.md:{HEAD + 5}: the hint wants a predict or a do before it"),
    (FRONT + step(PREDICT, *[fence("hint", "Look.")] * 6), "is hint 6, wants at most 5"),
    (FRONT + step(fence("stage", 'at = "start"')), f"x.md:{HEAD + 6}: stage: wants net, text"),
    (
        FRONT + step(fence("stage", 'net = "chain"\nat = "bakward h"')),
        f"x.md:{HEAD + 7}: stage: at: 'bakward h' is no place",
    ),
    (
        FRONT + step(fence("stage", 'net = "chain"\nlab = "stepp"')),
        f"x.md:{HEAD + 7}: stage: lab: got 'stepp', wants one of step, descend, train; did you mean 'step'?",
    ),
    (
        FRONT + step(fence("stage", SUMS.replace("Linear", "Lineal"))),
        f"x.md:{HEAD + 6}: stage: net: net.layer 1 (m): module: got 'Lineal'",
    ),
    (
        FRONT + step(fence("stage", SUMS.replace("0.6]", "'a']"))),
        f"x.md:{HEAD + 12}: stage: samples: samples.z[0,1]: got 'a', wants a number",
    ),
    (
        FRONT + step(fence("predict", 'ask="?"\nchoices=[{text="a", right=true}, {text="b"}]')),
        f"x.md:{HEAD + 7}: predict: choices: 'b' is wrong and has no why",
    ),
    (
        FRONT + step(fence("predict", 'ask="?"\nchoices=[{text="a", why="x"}, {txt="b", why="y"}]')),
        f"x.md:{HEAD + 7}: predict: choices: wants exactly one with right = true",
    ),
    (
        FRONT + step(fence("do", 'ask="?"\nsolution=["forward"]')),
        f"x.md:{HEAD + 5}: do: wants a condition",
    ),
    (
        FRONT + step(fence("do", 'ask="?"\nstep=1\nsolution=["forwards 3"]')),
        f"x.md:{HEAD + 8}: do: solution: 'forwards 3' is no action",
    ),
    (FRONT + step(fence("do", "ask='?'\nloss_below=nan\nsolution=['undo']")), "loss_below: got nan, wants a finite"),
    (FRONT + step(fence("note", 'said = "x"\nwhere = "y"')), f"x.md:{HEAD + 6}: note: wants instead, text"),
    (
        FRONT + step(fence("predict", f"ask = '?'\norder = {['x'] * (MAX_ITEMS + 1)}")),
        f"order: wants a list of at most {MAX_ITEMS} texts",
    ),
]


@pytest.mark.parametrize(("text", "wanted"), ERRORS, ids=[wanted[:60] for _, wanted in ERRORS])
def test_errors_name_the_line_and_what_is_wanted(text: str | bytes, wanted: str) -> None:
    assert any(wanted in problem for problem in problems(text)), problems(text)


@pytest.mark.parametrize(
    "blocks",
    [
        (PREDICT.removesuffix("```\n"), fence("hint", "Look."), fence("explain", "So.")),
        (fence("predikt", 'ask = "?"\nanswer = "loss"'), fence("hint", "Look.")),
        (fence("predict", 'ask = "?"\nanswr = "loss"'),),
        (fence("predict", 'ask = "?"\nanswer = loss'),),
        (STAGE, fence("stage", 'at = "start"')),
        (fence("do", 'ask = "?"\ncursr = "start"\nsolution = ["forward"]'),),
    ],
    ids=["unclosed", "no directive", "no key", "no TOML", "two stages", "no condition"],
)
def test_one_mistake_is_one_line(blocks: tuple[str, ...]) -> None:
    assert len(problems(FRONT + step(*blocks))) == 1


def test_all_errors_of_a_file_are_listed() -> None:
    text = FRONT.replace("minutes", "minute") + step(
        fence("stage", 'net = "chain"\natt = "start"'),
        fence("predict", 'ask = "?"\nanswer = "grad"\ndigit = 2'),
        fence("hnt", "x"),
    )
    found = problems(text)
    for words in (
        "'minute'",
        "'att', did you mean 'at'?",
        "'grad': got ''",
        "'digit', did you mean 'digits'?",
        "'hnt'",
    ):
        assert sum(words in problem for problem in found) == 1, (words, found)
    assert [int(p.split(":")[1]) for p in found] == sorted(int(p.split(":")[1]) for p in found)


def test_line_ends_and_a_byte_order_mark_make_no_difference() -> None:
    plain = read(SKELETON.encode(), "x.md")
    assert read(b"\xef\xbb\xbf" + SKELETON.replace("\n", "\r\n").encode(), "x.md") == plain
    assert read(SKELETON.replace("+++", "---").encode(), "x.md") == plain


def test_a_new_lesson_has_its_name() -> None:
    found = read(new("Zwölf Gewichte").encode(), "x.md")
    assert (found.id, found.title) == ("zwolf-gewichte", "Zwölf Gewichte")
    with pytest.raises(ValueError, match="a name with a letter"):
        new("가중합")
