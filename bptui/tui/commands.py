"""The command palette: every key of the screen, every lesson and net, and everything that the labs open, by words."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, NamedTuple, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.types import IgnoreReturnCallbackType

from bptui.tui.catalogue import COURSE, NETS
from bptui.tui.explain import bindings_of, key_text

if TYPE_CHECKING:
    from bptui.tui.app import BptuiApp


class Command(NamedTuple):
    """One line of the palette."""

    text: str
    help: str
    run: IgnoreReturnCallbackType


class Commands(Provider):
    """Finds actions of the screen below the palette, lessons, nets, surfaces and data sets."""

    def _all(self) -> Iterator[Command]:
        from bptui.sources.labs import lab_names

        app = cast("BptuiApp", self.app)
        screen = self.screen
        for binding in bindings_of(screen):
            if binding.action != "command_palette" and not binding.key.isdecimal():
                action = binding.action

                async def run(action: str = action) -> None:
                    if not await app.run_action(action, screen):  # it is the app's own
                        await app.run_action(action)

                yield Command(binding.description, f"key {key_text(binding.key, ascii_only=app.ascii_only)}", run)
        for number, lesson in enumerate(COURSE, 1):
            about = f"lesson {number} of the course"
            yield Command(f"lesson {lesson.title}", about, lambda name=lesson.id: app.open_taught(name))
        for net in NETS:
            yield Command(f"net {net.name}", net.about, lambda name=net.name: app.open_net(name))
        for place, labs in lab_names().items():
            for name, about in labs.items():
                yield Command(f"{place} {name}", about, lambda place=place, name=name: app.open_lab(place, name))

    async def discover(self) -> Hits:
        for command in self._all():
            yield DiscoveryHit(command.text, command.run, help=command.help)

    async def search(self, query: str) -> AsyncIterator[Hit]:
        matcher = self.matcher(query)
        for command in self._all():
            score = matcher.match(f"{command.text} {command.help}")
            if score > 0:
                yield Hit(score, matcher.highlight(command.text), command.run, help=command.help)
