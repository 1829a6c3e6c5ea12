"""The lessons that come with bptui, and what checking finds in others."""

from __future__ import annotations

from pathlib import Path

import pytest
from lesson_files import FRONT, SUMS, fence, step

from bptui import cli
from bptui.course.check import checked
from bptui.course.grade import answer_text, graded
from bptui.course.lesson import Measured, Ordering, Predict
from bptui.course.library import UnknownLessonError, lesson, lessons, shelf
from bptui.course.prose import filled
from bptui.course.reroll import rerolled
from bptui.course.skeleton import new
from bptui.course.stage import opened

COURSE = Path(__file__).parents[2] / "lessons"
STAGE = fence("stage", SUMS)
PREDICT = fence("predict", 'ask = "?"\nanswer = "grad z[0]"\ndigits = 2')
PICK = fence("predict", 'ask = "Which box?"\npick = "cost"')
END = step(id="recap") + step(PREDICT, id="last")


def found(tmp_path: Path, text: str) -> list[str]:
    (tmp_path / "x.md").write_text(text)
    return [str(problem).removeprefix(f"{tmp_path}/") for problem in checked(tmp_path / "x.md")]


def test_a_problem_has_the_line_of_its_key_and_stands_once(tmp_path: Path) -> None:
    hidden = STAGE.replace("samples.z", 'hide = ["grad q"]\nsamples.z')
    wrong = PICK.replace('"cost"', '"cots"')
    text = step(hidden) + step(PREDICT, id="b") + step(wrong, id="c") + END
    rows = (FRONT + text).splitlines()
    hide, pick = (next(k for k, row in enumerate(rows, start=1) if row.startswith(key)) for key in ("hide", "pick"))
    problems = found(tmp_path, FRONT + text)
    assert [each for each in problems if each.startswith(f"x.md:{hide}: hide: no variable 'q'")] == problems[:1]
    assert [each for each in problems if each.startswith(f"x.md:{pick}: pick: no module or variable 'cots'")]
    assert len(problems) == 2, problems


@pytest.mark.slow
def test_the_course_has_no_problem() -> None:
    assert [str(problem) for problem in checked(COURSE)] == []


@pytest.mark.some(5)
@pytest.mark.parametrize("file", shelf(), ids=lambda file: file.name)
def test_each_question_of_the_course_takes_its_answer_with_any_numbers(file: object) -> None:
    for each in lesson(file.name).steps:  # type: ignore[attr-defined]
        if isinstance(each.ask, Predict) and each.stage and not isinstance(each.ask.question, Ordering):
            for seed in (0, 4) if each.ask.reroll is not None else (0,):
                here = opened(rerolled(each.ask, each.stage, seed))
                assert "{{" not in filled(each.text + each.ask.ask + each.ask.explain, here)
                assert graded(each.ask, here, answer_text(each.ask, here)).right


def test_a_question_of_the_course_can_be_worked_from_what_is_shown() -> None:
    """The product of the shown, rounded numbers counts as right: dC/ds = dC/dz · h′(s)."""
    each = lesson("through-a-function").step("both")
    assert isinstance(each.ask, Predict)
    assert isinstance(each.ask.question, Measured)
    assert each.stage is not None
    for seed in range(10):
        here = opened(rerolled(each.ask, each.stage, seed))
        shown = filled("{{ grad z[0] }} {{ slope h[0] }}", here).replace("−", "-").split()
        assert graded(each.ask, here, repr(float(shown[0]) * float(shown[1]))).right


def test_lessons_are_found_by_id_number_and_file() -> None:
    first = lessons()[0]
    assert lesson(first.id) == lesson("1") == lesson(shelf()[0].name) == first
    assert lessons("xx") == []
    with pytest.raises(UnknownLessonError, match="did you mean 'through-a-sum'"):
        lesson("through-a-sun")


def test_a_new_lesson_has_no_problem(tmp_path: Path) -> None:
    assert found(tmp_path, new("My lesson")) == []


WRONG = [
    (step(STAGE) + step(PREDICT, id="last"), "the lesson has no step {#recap}"),
    (step(STAGE) + step(id="recap"), "the last step wants a predict"),
    (step(PREDICT) + END, "there is no stage to ask about"),
    (step(STAGE.replace("Linear", "ReLU").replace("features = 2, bias = false, ", "")) + END, "no such parameter"),
    (step(STAGE, fence("predict", 'ask = "?"\nanswer = "grad q"')) + END, "no variable 'q'"),
    (step(STAGE, fence("predict", 'ask = "?"\npick = "q"')) + END, "pick: no module or variable 'q'"),
    (step(fence("stage", 'net = "moons"\nlab = "train"'), PICK) + END, "here is the stage of a lab (train)"),
    (step(PICK) + END, "pick: wants the workbench's diagram to select on, and here is no stage"),
    (step(STAGE, fence("predict", 'ask = "Not {{ grad z[0] }}?"\nanswer = "grad z[0]"')) + END, "the text tells grad"),
    (step(STAGE, PREDICT.replace("digits = 2", 'light = ["value q"]')) + END, "no variable 'q'"),
    (step(STAGE, PREDICT.replace("digits = 2", 'reroll = ["q"]')) + END, "'q' has no numbers"),
    (
        step(STAGE, fence("predict", 'ask = "?"\norder = ["value z[0]", "value z[0] "]\nby = "value"')) + END,
        "are equal: they have no order",
    ),
    (step(STAGE, fence("do", 'ask="?"\nstep=1\nsolution=["forward"]')) + END, "its own solution does not reach it"),
    (step(STAGE, fence("do", 'ask="?"\nstep=1\nsolution=["run to q"]')) + END, "solution: 'run to q': no module 'q'"),
    (step(STAGE, fence("do", 'ask="?"\ncursor="start"\nsolution=["forward"]')) + END, "holds already"),
    (step(STAGE) + "It is {{ value q }}.\n" + END, "no variable 'q'"),
    (step(STAGE.replace("samples.z", 'hide = ["grad q"]\nsamples.z')) + END, "hide: no variable 'q'"),
]


@pytest.mark.parametrize(("text", "wanted"), WRONG, ids=[wanted for _, wanted in WRONG])
def test_playing_finds_what_reading_cannot(tmp_path: Path, text: str, wanted: str) -> None:
    problems = found(tmp_path, FRONT + text)
    assert any(wanted in problem for problem in problems), problems
    assert all(problem.startswith("x.md:") for problem in problems)


def test_a_stage_that_cannot_be_set_up_is_said_once(tmp_path: Path) -> None:
    stage = fence("stage", 'net = "two-layr"')
    (only,) = found(tmp_path, FRONT + step(stage) + step(fence("stage", 'at = "start"'), id="second") + END)
    assert only.startswith(f"x.md:{FRONT.count(chr(10)) + 5}: stage: unknown net 'two-layr'; did you mean 'two-layer'?")


def test_what_stands_in_braces_is_named(tmp_path: Path) -> None:
    (only,) = found(tmp_path, FRONT + step(STAGE) + "It is {{ value q }}.\n" + END)
    assert only.endswith("{{ value q }}: no variable 'q' in this net")


def test_languages_have_the_same_lessons_steps_and_questions(tmp_path: Path) -> None:
    def write(language: str, name: str, text: str) -> None:
        (tmp_path / language).mkdir(exist_ok=True)
        (tmp_path / language / name).write_text(text)

    whole = FRONT + step(STAGE, PREDICT) + END
    write("en", "01-a.md", whole)
    write("ko", "01-a.md", whole.replace("Some words.", "몇 마디.").replace("A step", "한 걸음"))
    assert checked(tmp_path) == []
    write("ko", "01-a.md", whole.replace("grad z[0]", "grad z[1]", 1))
    assert "the step 'first' asks for something else than in en" in str(checked(tmp_path)[0])
    write("ko", "01-a.md", whole.replace("{#first}", "{#one}"))
    assert "has the steps one, recap, last, wants first, recap, last" in str(checked(tmp_path)[0])
    write("ko", "01-a.md", whole.replace("a-lesson", "other"))
    assert {"lacks the lesson 'a-lesson'", "the lesson 'other' is not in en"} == {p.message for p in checked(tmp_path)}


def test_a_course_knows_its_order(tmp_path: Path) -> None:
    whole = FRONT + step(STAGE) + END
    (tmp_path / "01.md").write_text(whole.replace("+++\nid", '+++\nneeds = ["other"]\nid'))
    (tmp_path / "02.md").write_text(whole)
    assert [p.message for p in checked(tmp_path)] == [
        "needs 'other', which is no earlier lesson",
        "the id 'a-lesson' is taken by an earlier lesson",
    ]


def test_the_lessons_are_in_the_wheel() -> None:
    import tomllib

    settings = tomllib.loads((COURSE.parent / "pyproject.toml").read_text())
    assert settings["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"] == {"lessons": "bptui/lessons"}


def test_lessons_are_begun_and_checked_from_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["lessons", "new", "my-own"]) == 0
    assert capsys.readouterr().out == "my-own.md is written; bptui lessons check my-own.md plays it\n"
    assert cli.main(["lessons", "check", "my-own.md"]) == 0
    assert capsys.readouterr().out == "my-own.md: no problems\n"
    text = Path("my-own.md").read_text()
    Path("my-own.md").write_text(text.replace("light =", "lights ="))
    assert cli.main(["lessons", "check", "."]) == 1
    line = text[: text.index("light =")].count("\n") + 1
    assert capsys.readouterr().out == f"my-own.md:{line}: predict: unknown key 'lights', did you mean 'light'?\n"
    for words, wanted in (
        ("new my-own.md", "exists"),
        ("check none.md", "No such file"),
        ("new 합", "a letter or a digit"),
    ):
        assert cli.main(["lessons", *words.split()]) == 2
        error = capsys.readouterr().err
        assert wanted in error
        assert error.count("\n") == 1


def test_a_file_alone_may_build_on_the_course_or_on_its_neighbours_and_on_nothing_else(tmp_path: Path) -> None:
    whole, path = FRONT + step(STAGE) + END, tmp_path / "02.md"
    (tmp_path / "01.md").write_text(whole.replace("a-lesson", "mine"))
    path.write_text(whole.replace("+++\nid", '+++\nneeds = ["losses", "mine"]\nid'))
    assert checked(path) == []
    path.write_text(whole.replace("+++\nid", '+++\nneeds = ["lossses"]\nid'))
    assert [str(problem) for problem in checked(path)] == [
        f"{path}:2: needs 'lossses', which is no earlier lesson, did you mean 'losses'?"
    ]
