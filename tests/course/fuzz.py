"""Run by `test_fuzz` in a process of its own, with limits: any bytes make a lesson or a LessonError."""

import random
import re
import sys
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bptui.course.check import played
from bptui.course.format import read
from bptui.course.problem import LessonError
from bptui.course.skeleton import new

COURSE = Path(__file__).parents[2] / "lessons" / "en"
LESSONS = [new("A lesson"), *(path.read_text() for path in sorted(COURSE.glob("*.md")))]
PARTS = (
    "```",
    "```stage\n",
    "```predict\n",
    "## ",
    "## A {#a}\n",
    "+++\n",
    "[[",
    "]]",
    "{",
    "}",
    "=",
    '"',
    "'''",
    "#",
    "{{ ",
    " }}",
    "9" * 400,
    "[" * 900,
    "a." * 900,
    "-1",
    "1e999",
    "nan",
    "inf",
    "true",
    "net",
    "answer",
    "grad ",
    "value ",
    "\x00",
    "\x1b[2J",
    "\u202e",
    "\ud7ff",
    "\n" * 50,
    "0x" + "f" * 5000,
    "1979-05-27",
    "m.weight",
    "z[9]",
    "lab = 'train'\n",
    "knobs.hidden = '512'\n",
    "step = 5000\n",
    "99999999999999999999",
)


def spoiled(text: str, seed: int) -> str:
    """A lesson with a few lines lost, doubled, swapped, cut, or with something put in."""
    rng = random.Random(seed)
    for _ in range(rng.randint(1, 6)):
        lines = text.split("\n")
        at, other = rng.randrange(len(lines)), rng.randrange(len(lines))
        match rng.randrange(7):
            case 0:
                del lines[at]
            case 1:
                lines.insert(at, lines[other])
            case 2:
                lines[at], lines[other] = lines[other], lines[at]
            case 3:
                lines[at] = lines[at][: rng.randint(0, len(lines[at]))]
            case 4:
                cut = rng.randint(0, len(lines[at]))
                lines[at] = lines[at][:cut] + rng.choice(PARTS) + lines[at][cut:]
            case 5:
                lines[at] = re.sub(r"-?[\d.]+", lambda m: str(rng.choice((0, -1, 7, 1e9, 0.5))), lines[at])
            case _:
                words = re.findall(r"[\w.]+", text)
                lines[at] = re.sub(r"[\w.]+", lambda m, words=words: rng.choice((m[0], rng.choice(words))), lines[at])
        text = "\n".join(lines)
    return text


def judged(data: bytes, *, play: bool) -> None:
    try:
        lesson = read(data, "fuzz.md")
    except LessonError as error:
        assert error.problems
        assert all("\n" not in str(problem) and problem.line >= 0 for problem in error.problems), error
        return
    if play:
        played(lesson)


def main(count: int) -> None:
    quiet = settings(max_examples=count, deadline=None, database=None, suppress_health_check=list(HealthCheck))

    @quiet
    @given(st.binary(max_size=3000))
    @example(b"+++\n" + b"a=[" * 40_000)
    @example(b"+++\n" + b"[" * 7000 + b"\n+++\n## A {#a}\n")
    @example(b"+++\n+++\n" + b"## A {#a}\n```\n" * 20_000)
    @example(b"+++\nid='" + b"9" * 250_000)
    @example(b"+++\nminutes=" + b"9" * 7000 + b"\n+++\n")
    @example(b"\xff" * 300_000)
    def any_bytes(data: bytes) -> None:
        judged(data, play=False)

    @quiet
    @given(st.lists(st.sampled_from([*PARTS, "\n", "id = 'a'\n", "```\n", "text"]), max_size=60).map("".join))
    def any_parts(text: str) -> None:
        judged(text.encode("utf-8", "replace"), play=False)

    @quiet
    @given(st.sampled_from(LESSONS), st.integers(0, 2**32))
    def any_damage(text: str, seed: int) -> None:
        judged(spoiled(text, seed).encode("utf-8", "replace"), play=True)

    any_bytes()
    any_parts()
    any_damage()


if __name__ == "__main__":
    import resource  # not everywhere; only who runs this needs it

    resource.setrlimit(resource.RLIMIT_CPU, (int(sys.argv[2]), int(sys.argv[2])))
    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
    main(int(sys.argv[1]))
