"""Who is who in a class: the teacher's key, the code, and the people with what proves that they are themselves."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
import unicodedata
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Literal, TypeVar, get_args

from bptui.classroom.polls import Poll, asked

LONGEST = 32  # characters of a name
FORKS = 50  # that are kept of one person, the latest ones
MOST = 2000  # people of a class
UNSEEN = frozenset(map(chr, (0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B, 0x180C, 0x180D, 0x180F, 0x3164, 0xFFA0)))
MARKS = "-_.' "  # that may stand between letters and digits
_WITHOUT_MARKS = str.maketrans("", "", MARKS)
SELECTORS = range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0)  # marks of which nothing is seen either
ALIKE = frozenset(("LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "COPTIC", "CHEROKEE"))  # scripts with the same letters
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # of a code: none that looks like another
_COST = {
    "n": 2**14,
    "r": 8,
    "p": 1,
    "dklen": 32,
}  # 16 MB and some 40 ms: from outside, one may try a few times a minute, as `limits` says
_hashing = ThreadPoolExecutor(2, thread_name_prefix="secrets")
_T = TypeVar("_T")
Kind = Literal["code", "open", "list"]  # what is asked of a new name: the code, nothing, the code and to be listed
KINDS: tuple[Kind, ...] = get_args(Kind)
Role = Literal["student", "teacher", "projector"]
TEACHER, PROJECTOR = "teacher", "present"  # the names under which the teacher's key comes in
STAFF = (TEACHER, PROJECTOR)


@dataclass(frozen=True)
class Person:
    """Somebody of the class. `id` names their progress; `keys` are fingerprints; `theme` is how they like it."""

    id: str
    name: str
    keys: frozenset[str] = frozenset()
    secret: str = ""
    theme: str = "dark"
    looks: Mapping[str, str] = field(
        default_factory=dict
    )  # what they turned colours and glyphs to, by what a terminal has
    forks: tuple[tuple[str, str], ...] = ()  # what they made on their own while the class went on: name, receipt
    right: int = 0  # answers of theirs in lessons, on their own
    wrong: int = 0
    aside: bool = False  # whether they have stepped aside, and not come back
    hand: str = ""  # when they raised it, as events tell time; empty while it is down


@dataclass(frozen=True)
class Roll:
    """A class as its events have made it. `people` are by their names as `key_of` compares them.

    `listed` are the names that a closed list lets in, by the same keys; `code` is empty where the class is open.
    """

    name: str = ""
    code: str = ""
    teacher: str = ""  # the public key, as in an authorized_keys file
    people: Mapping[str, Person] = field(default_factory=lambda: MappingProxyType({}))
    led: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))  # what is shown: a place's fields
    frozen: bool = False  # whether nobody may leave the stage
    allowed: tuple[str, int] = "", 0  # a lesson, and the last of its steps that may be entered, from 1; 0 for any
    kind: Kind = "code"
    listed: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    polls: tuple[Poll, ...] = ()
    locked: bool = False  # whether nobody new comes in

    @property
    def poll(self) -> Poll | None:
        """The question that is in front of the class."""
        return self.polls[-1] if self.polls and not self.polls[-1].ended else None

    def tally(self, person: str) -> tuple[int, int]:
        """How many answers of somebody were right, and how many wrong: in lessons, and in polls that are over."""
        known = self.people.get(person)
        over = [poll.answers[person].right for poll in self.polls if not poll.open and person in poll.answers]
        right, wrong = (known.right, known.wrong) if known is not None else (0, 0)
        return right + sum(over), wrong + len(over) - sum(over)

    def after(self, kind: str, person: str, body: Mapping[str, Any], time: str = "") -> Roll:
        """The class after one more event; kinds that it does not know change nothing."""
        if kind == "class":
            mine = {name: body[name] for name in ("name", "code", "teacher")}
            return replace(self, **mine, kind=body.get("entry", "code"))
        if kind == "led":
            return replace(self, led=MappingProxyType(dict(body)))
        if kind == "locked":
            return replace(self, locked=body["on"])
        if kind == "frozen":
            return replace(self, frozen=body["on"])
        if kind == "allowed":
            return replace(self, allowed=(body["lesson"], body["last"]))
        if kind == "listed":
            return replace(self, listed=MappingProxyType({**self.listed, person: body["name"]}))
        if kind == "asked":
            return replace(self, polls=(*self.polls, asked(len(self.polls) + 1, body)))
        if kind in ("answered", "revealed", "ended"):
            at = next((k for k, poll in enumerate(self.polls) if poll.number == body["poll"]), None)
            if at is None:
                return self
            poll = self.polls[at].after(kind, person, body)
            return replace(self, polls=(*self.polls[:at], poll, *self.polls[at + 1 :]))
        if kind == "joined":
            return self._with(Person(body["id"], body["name"], frozenset(body["keys"]), body["secret"]))
        known = self.people.get(person)
        if known is None:
            return self
        if kind == "looks":
            return self._with(replace(known, looks={**known.looks, body["of"]: body["wanted"]}))
        if kind == "theme":
            return self._with(replace(known, theme=body["theme"]))
        if kind == "tried":
            right = bool(body["right"])
            return self._with(replace(known, right=known.right + right, wrong=known.wrong + (not right)))
        if kind == "aside":
            return self._with(replace(known, aside=body["on"]))
        if kind == "hand":
            return self._with(replace(known, hand=time if body["up"] else ""))
        if kind == "forked":
            return self._with(replace(known, forks=(*known.forks, (body["name"], body["receipt"]))[-FORKS:]))
        return self

    def without(self, person: str) -> Roll:
        """The class as if somebody had never been in it, nor on its list."""
        people = {key: one for key, one in self.people.items() if key != person}
        listed = {key: name for key, name in self.listed.items() if key != person}
        polls = tuple(poll.without(person) for poll in self.polls)
        return replace(self, people=MappingProxyType(people), listed=MappingProxyType(listed), polls=polls)

    def _with(self, person: Person) -> Roll:
        return replace(self, people=MappingProxyType({**self.people, key_of(person.name): person}))


def readable(name: str) -> str | None:
    """A name as it may be shown, or None: letters and digits of any script, and a few marks between them.

    Nothing of it is unseen, and of scripts that look alike it has one: two names that look the same should be one.
    """
    name = unicodedata.normalize("NFC", name)
    return name if len(name) <= LONGEST and _is_plain(name) and _is_plain(key_of(name)) else None


def _is_plain(name: str) -> bool:
    if not name or not name[0].isalnum() or name[-1] == " " or "  " in name:
        return False
    if name.isascii():
        return name.translate(_WITHOUT_MARKS).isalnum()
    marks = 0
    for character in name:
        category = unicodedata.category(character)
        marks = marks + 1 if category in ("Mn", "Mc") else 0
        if marks > 2 or not (category[0] in "LN" or marks or character in MARKS):
            return False
        if character in UNSEEN or any(ord(character) in selectors for selectors in SELECTORS):
            return False
    scripts = {unicodedata.name(character, "").split(" ")[0] for character in name if character.isalpha()}
    return len(ALIKE & scripts) <= 1


def key_of(name: str) -> str:
    """What two names have in common that are one: no matter of upper case, width or accents' encoding."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def new_code() -> str:
    """A code to write on a board: 39 bits, more than can be tried, as `limits` says."""
    letters = "".join(secrets.choice(LETTERS) for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"


def is_code(wanted: str, typed: str) -> bool:
    """Whether a code was typed, in whatever case and with whatever between its letters."""
    plain = ["".join(c for c in text.casefold() if c.isalnum()).encode() for text in (wanted, typed)]
    return bool(plain[0]) and hmac.compare_digest(*plain)


def hashed(secret: str) -> str:
    """A secret as it is kept. Takes some 40 ms."""
    salt = secrets.token_bytes(16)
    return f"{salt.hex()}:{_hash(secret, salt).hex()}"


def matches(kept: str, secret: str) -> bool:
    """Whether a secret is the one that was kept. Takes as long."""
    salt, _, digest = kept.partition(":")
    return hmac.compare_digest(_hash(secret, bytes.fromhex(salt)), bytes.fromhex(digest))


async def slowly(work: Callable[..., _T], *args: Any) -> _T:
    """Do in a thread what takes a secret's time and memory, for two at once: the rest of a class that joins waits."""
    return await asyncio.get_running_loop().run_in_executor(_hashing, work, *args)


def _hash(secret: str, salt: bytes) -> bytes:
    return hashlib.scrypt(unicodedata.normalize("NFC", secret).encode("utf-8", "replace"), salt=salt, **_COST)
