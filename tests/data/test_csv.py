"""CSV files: what is read, what is said, and that anything else is one line naming the place."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bptui.data.csv import MOST_BYTES, CsvError, Table, columns, read_table

IRIS = """length,width,"petal, long",species
5.1,3.5,1.4,setosa
7.0,3.2,4.7,versicolor
6.3,3.3,6.0,virginica
4.9,3.0,1.4,setosa
"""


def read(text: str, target: str = "species", features: tuple[str, ...] = ("length", "width"), **words: bool) -> Table:
    return read_table(text.encode(), target, features, **words)


def test_words_are_classes_in_the_order_of_the_alphabet() -> None:
    table = read(IRIS)
    assert table.classes == ("setosa", "versicolor", "virginica")
    assert table.y == (0.0, 1.0, 2.0, 0.0)
    assert table.x == ((5.1, 3.5), (7.0, 3.2), (6.3, 3.3), (4.9, 3.0))
    assert table.notes == (
        "columns parted by comma: length, width, petal, long, species",
        "species: 3 classes, 0 setosa, 1 versicolor, 2 virginica",
    )


def test_the_order_of_features_is_the_one_asked_for() -> None:
    assert read(IRIS, features=("petal, long", "length")).x[0] == (1.4, 5.1)
    assert read(IRIS, features=("width",)).x[0] == (3.5,)


def test_a_feature_of_words_is_one_hot_and_said_so() -> None:
    table = read(IRIS, "length", ("species", "width"))
    assert table.x == ((1.0, 0.0, 0.0, 3.5), (0.0, 1.0, 0.0, 3.2), (0.0, 0.0, 1.0, 3.3), (1.0, 0.0, 0.0, 3.0))
    assert table.notes[1] == "species: 3 categories, one-hot as setosa, versicolor, virginica"
    with pytest.raises(CsvError, match="line 3: species is 'versicolor', wants a number"):
        read(IRIS.replace("setosa", "7"), "length", ("species", "width"))


NUMBERED = "a;b;grade\n1;2;3\n2;1;3.0\n0.5;-1e2;10\n"


def test_numbers_are_a_quantity_unless_said_otherwise() -> None:
    table = read(NUMBERED, "grade", ("a", "b"))
    assert table.classes == ()
    assert table.y == (3.0, 3.0, 10.0)
    assert table.notes == (
        "columns parted by semicolon: a, b, grade",
        "grade: numbers, 2 different ones, taken as a quantity and not as classes",
    )
    assert table.data().given == (("x", ((1.0, 2.0), (2.0, 1.0), (0.5, -100.0))), ("y", ((3.0,), (3.0,), (10.0,))))


def test_numbers_as_classes_are_in_their_own_order() -> None:
    table = read(NUMBERED, "grade", ("a", "b"), classes=True)
    assert table.classes == ("3", "10")
    assert table.y == (0.0, 0.0, 1.0)
    assert table.data().given[1] == ("y", (0.0, 0.0, 1.0))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_counts_the_same_lines(end: str) -> None:
    text = "a\tb\ty" + end + "1\t2\tu" + end + end + '"3"\t4\t"v"' + end
    table = read(text, "y", ("a", "b"))
    assert table.x == ((1.0, 2.0), (3.0, 4.0))
    assert table.notes[0] == "columns parted by tab: a, b, y"
    with pytest.raises(CsvError, match=r"^line 5: a is 'x'"):
        read(f"{text}x\t1\tu{end}", "y", ("a", "b"))


def test_a_byte_order_mark_is_no_part_of_the_first_name() -> None:
    assert columns("\ufeffa,b\n1,2\n".encode()) == ("a", "b")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "header with at least two columns"),
        ("length\n1\n", "header with at least two columns"),
        ("1,2,3\n4,5,6\n", "line 1: wants a header with the columns' names, got numbers"),
        ("length,width,length\n", "line 1: two columns are called 'length'"),
        ("length,,species\n", "line 1: column 2 has no name"),
        ("length,wi\x07dth,species\n", "line 1: column 2 has an unfit name"),
        ("length,width;species\n", "line 1: comma and semicolon stand in the header equally often"),
        ("length,species\n1,u\n", "line 1: has no column 'width'; there are length, species"),
        ("length,width,species\n", "has a header and no rows"),
        ("length,width,species\n1,2,u\n1,2\n", "line 3: has 2 columns, wants 3"),
        ("length,width,species\n1,2,u,v\n", "line 2: has 4 columns, wants 3"),
        ("length,width,species\n1,,u\n", "line 2: width is empty"),
        ("length,width,species\n1,2, \n", "line 2: species is empty"),
        ("length,width,species\n1,2,u\n1,NaN,u\n", "line 3: width is 'NaN', wants a number"),
        ("length,width,species\n1,2,u\n-inf,1,u\n", "line 3: length is '-inf', wants a number"),
        ("length,width,species\n1,1e400,u\n", "line 2: width is '1e400', wants a number up to 1e"),
        ("length,width,species\nred,1,u\n", "line 2: length is 'red', wants a number"),
        ("length,width,species\n1_0,1,u\n", "line 2: length is '1_0', wants a number"),
        ("length;width;species\n1,5;1;u\n", "line 2: length is '1,5', wants a number"),
        ("length,width,species\n1,2,3\n1,2,u\n", "line 3: species is 'u' among numbers"),
        ("length,width,species\n1,2,u\n1,2,u\n", "species: got 1 classes, wants 2 to 10"),
        ('length,width,species\n1,2,"u\n', "line 2: unexpected end of data"),
        ('length,width,species\n1,2,"u"v\n', "line 2: ',' expected after"),
        ("length,width,species\n1,2,u\n1,2,a\x1b[31m\n", "line 3: species is 'a\\\\x1b"),
    ],
)
def test_what_is_wrong_is_named_by_its_line(text: str, words: str) -> None:
    with pytest.raises(CsvError, match=words) as error:
        read(text)
    assert "\n" not in str(error.value)
    assert str(error.value).isprintable()


def test_a_quantity_that_is_a_word_is_named_by_its_line() -> None:
    with pytest.raises(CsvError, match="line 2: species is 'setosa', wants a number"):
        read(IRIS, classes=False)
    assert read("length,width,species\n1,2,3\n1,2,u\n", classes=True).classes == ("3", "u")


def test_bytes_that_are_no_text_are_named_by_their_line() -> None:
    with pytest.raises(CsvError, match=r"line 3: is not text in UTF-8 \(byte 0xff\)"):
        read_table(b"a,b\n1,2\n3,\xff\n", "b", ("a",))


def test_sizes_are_bounded() -> None:
    wide = ",".join(f"c{k}" for k in range(201))
    for content, words in (
        (b"a,b\n" + b"1,2\n" * 20_001, "line 20002: wants at most 20000 rows"),
        (wide.encode(), "line 1: has 201 columns, wants at most 200"),
        (b" " * (MOST_BYTES + 1), "wants at most 8388608"),
        (b"a,b\n1," + b"x" * 200_000, "line 2: field larger than field limit"),
        (b"a,b\n" + b"".join(b"1,k%d\n" % k for k in range(11)), "b: got 11 classes"),
    ):
        with pytest.raises(CsvError, match=words):
            read_table(content, "b" if content[:1] != b"c" else "c1", ("a" if content[:1] != b"c" else "c0",))
    assert len(read_table(b"a,b\n" + b"1,2\n" * 20_000, "b", ("a",)).x) == 20_000


@pytest.mark.parametrize("features", [(), ("length", "width", "petal, long"), ("length", "length"), ("species",)])
def test_one_or_two_features_are_wanted(features: tuple[str, ...]) -> None:
    with pytest.raises(CsvError, match="one or two features"):
        read(IRIS, features=features)


@given(st.binary(max_size=300))
@example(b"a,b\n\x00,1\n")
@example(b'"')
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    for prefix in (b"", b"a,b\n", b"a,b\n1,2\n"):
        try:
            table = read_table(prefix + content, "b", ("a",))
        except CsvError as error:
            assert "\n" not in str(error)
            assert str(error).isprintable()
        else:
            assert np.isfinite(table.x).all()


numbers = st.floats(-1e100, 1e100).map(repr)
names = st.lists(st.sampled_from(["a", "b c", 'q"q', "n,n", "s;s", "ü"]), min_size=3, max_size=5, unique=True)


@given(names, st.sampled_from(",;\t"), st.data())
def test_what_the_csv_module_writes_is_read_exactly(names: list[str], delimiter: str, data: st.DataObject) -> None:
    width = len(names)
    rows = data.draw(st.lists(st.lists(numbers, min_size=width, max_size=width), min_size=1, max_size=5))
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([names, *rows])
    table = read_table(text.getvalue().encode(), names[0], names[1:3])
    assert table.x == tuple((float(row[1]), float(row[2])) for row in rows)
    assert table.y == tuple(float(row[0]) for row in rows)
