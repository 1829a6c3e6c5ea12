"""Themes as Textual and Rich have them: the styles that follow from an ink."""

from __future__ import annotations

import os
from functools import lru_cache

from rich.style import Style
from textual.theme import Theme as TextualTheme

from bptui.drawing.canvas import BANDS, Ink
from bptui.drawing.colours import COLOURS, NAMES, mixed


class Styles(dict[Ink, Style]):
    """The styles of inks on one ground, each made when it is first asked for."""

    def __init__(self, paint: Paint, ground: str) -> None:
        super().__init__()
        self.paint, self.ground = paint, ground

    def __missing__(self, ink: Ink) -> Style:
        self[ink] = self.paint.made(ink, self.ground)
        return self[ink]


class Paint:
    """Turns inks into styles for one theme, each once. Without colours, bold, dim and inverse must do."""

    def __init__(self, theme: str = "dark", *, colours: bool = True) -> None:
        self.theme, self.coloured = theme, colours
        self._styles: dict[str, Styles] = {}

    def styles(self, ground: str) -> Styles:
        """The styles on a pane whose ground has the given role, by ink."""
        if ground not in self._styles:
            self._styles[ground] = Styles(self, ground)
        return self._styles[ground]

    def style(self, ink: Ink, ground: str = "background") -> Style:
        """The style of an ink on a pane whose ground has the given role."""
        return self.styles(ground)[ink]

    def colour(self, role: str, *, thin: bool = False) -> str:
        """A role, or `role~percent`, as #rrggbb."""
        name, _, percent = role.partition("~")
        colours = COLOURS[self.theme]
        full = colours["thin" if thin and name == "cursor" else name]
        return mixed(full, colours["background"], int(percent) / 100) if percent else full

    def made(self, ink: Ink, ground: str) -> Style:
        """A style, newly made."""
        if not self.coloured:
            return _plain(ink)
        back = ink.bg if ink.bg is not None else ground
        return Style(color=self.colour(ink.fg, thin=True), bgcolor=self.colour(back), bold=ink.bold)

    @property
    def textual(self) -> str:
        """The name of Textual's theme for what it draws itself: inputs and the command palette."""
        return f"bptui-{self.theme}" if self.coloured else "ansi-dark"


@lru_cache(maxsize=16)
def paint_of(theme: str, *, colours: bool = True) -> Paint:
    """The paint of a theme: one for all apps of a process."""
    return Paint(theme, colours=colours)


def chosen(name: str | None) -> str:
    """The theme of that name; without one, the one that BPTUI_THEME names; for want of either, dark."""
    wanted = name or os.environ.get("BPTUI_THEME", "dark")
    return wanted if wanted in NAMES else "dark"


def textual_theme(name: str) -> TextualTheme:
    """A theme of ours in Textual's terms."""
    colours = COLOURS[name]
    return TextualTheme(
        name=f"bptui-{name}",
        primary=colours["cursor"],
        secondary=colours["function"],
        accent=colours["thin"],
        foreground=colours["text"],
        background=colours["background"],
        surface=colours["surface"],
        panel=colours["panel"],
        success=colours["good"],
        warning=colours["positive"],
        error=colours["bad"],
        dark="light" not in name,
    )


def _plain(ink: Ink) -> Style:
    """An ink without colours: the cursor's block is inverse, what is to come or beside the point is dim."""
    now = ink.bg == "cursor" or (ink.fg == "background" and ink.bg is not None)  # the latter: a bar below zero
    _, _, percent = ink.fg.partition("~")
    faint = ink.fg in ("muted", "hairline", *BANDS) or (percent != "" and int(percent) < 70)
    return Style(bold=ink.bold or ink.fg == "cursor", dim=faint and not now, reverse=now)
