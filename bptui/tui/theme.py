"""Themes: a colour for every role of a canvas, and the styles that follow from an ink."""

from __future__ import annotations

from types import MappingProxyType

from rich.style import Style
from textual.theme import Theme as TextualTheme

from bptui.drawing.canvas import BANDS, Ink


def _bands(low: str, high: str) -> dict[str, str]:
    """The colours of a surface from its lowest band to its highest."""
    return {band: _mix(high, low, k / (len(BANDS) - 1)) for k, band in enumerate(BANDS)}


def _mix(colour: str, background: str, share: float) -> str:
    pairs = zip(bytes.fromhex(colour[1:]), bytes.fromhex(background[1:]), strict=True)
    return "#" + "".join(f"{round(share * a + (1 - share) * b):02x}" for a, b in pairs)


# "thin" is the cursor colour where it is a line or a letter: yellow cannot be read on paper.
_DARK = {
    "background": "#12141a",
    "surface": "#171a22",
    "panel": "#1f2330",
    "selection": "#2a3146",
    "hairline": "#343a4a",
    "text": "#d6dae5",
    "soft": "#a9b0c2",
    "muted": "#7a8296",
    "cursor": "#ffd866",
    "thin": "#ffd866",
    "ink": "#12141a",
    "observed": "#aeb5c6",
    "observed-fill": "#3a3f4b",
    "computed": "#8f9bff",
    "function": "#6c74ff",
    "cost": "#ff5c5c",
    "cost-fill": "#3a1d22",
    "gradient": "#2fb98a",
    "gradient-fill": "#14261f",
    "positive": "#e8a23d",
    "negative": "#4da3ff",
    "good": "#4fd6a7",
    "bad": "#ff5c5c",
    "series1": "#f4f6ff",
    "series2": "#5fe0cf",
    "series3": "#f28bd4",
    "series4": "#c6dd6a",
    "class1": "#5fe0cf",
    "class2": "#f28bd4",
    "class3": "#c6dd6a",
    "class4": "#a99bff",
    "class5": "#ffa66b",
    **_bands("#141726", "#566788"),
}
_LIGHT = {
    "background": "#fbfaf6",
    "surface": "#f3f1ea",
    "panel": "#e9e6dc",
    "selection": "#e0dcc9",
    "hairline": "#cfccc1",
    "text": "#23262f",
    "soft": "#484c59",
    "muted": "#6a6e7d",
    "cursor": "#ffcf3f",
    "thin": "#8f6b00",
    "ink": "#1b1c20",
    "observed": "#2b2b2b",
    "observed-fill": "#dddddd",
    "computed": "#5d68e8",
    "function": "#4b53e0",
    "cost": "#d92626",
    "cost-fill": "#fde0dd",
    "gradient": "#177f5c",
    "gradient-fill": "#e0f2e9",
    "positive": "#b36b00",
    "negative": "#1767b8",
    "good": "#177f5c",
    "bad": "#d92626",
    "series1": "#14161c",
    "series2": "#00655b",
    "series3": "#a1197a",
    "series4": "#4a5a00",
    "class1": "#00776b",
    "class2": "#b3248a",
    "class3": "#5f7000",
    "class4": "#5a45d6",
    "class5": "#b04a00",
    **_bands("#b4c0da", "#f1f2f4"),
}
# Hues that stay apart without red-green vision: blue, bluish green, purple; orange and sky blue for signs.
_SAFE = _DARK | {
    "cursor": "#f0e442",
    "thin": "#f0e442",
    "computed": "#8cc4f5",
    "function": "#4f9fe8",
    "cost": "#e58ac0",
    "cost-fill": "#36202e",
    "gradient": "#22b894",
    "gradient-fill": "#12262a",
    "positive": "#e69f00",
    "negative": "#56b4e9",
    "good": "#56b4e9",
    "bad": "#e8793a",
    "series2": "#7cc8f2",
    "series3": "#eba4d1",
    "series4": "#f2b544",
    "class1": "#56b4e9",
    "class2": "#e58ac0",
    "class3": "#e69f00",
    "class4": "#22b894",
    "class5": "#f4f6ff",
}
_SAFE_LIGHT = _LIGHT | {
    "cursor": "#f0d93a",
    "computed": "#2f7fc4",
    "function": "#0063a8",
    "cost": "#a8427f",
    "cost-fill": "#f6e3ee",
    "gradient": "#007a5c",
    "positive": "#a86200",
    "negative": "#0072b2",
    "good": "#0072b2",
    "bad": "#b84a00",
    "series2": "#005f9e",
    "series3": "#93336c",
    "series4": "#7d4a00",
    "class1": "#0072b2",
    "class2": "#a8427f",
    "class3": "#a86200",
    "class4": "#007a5c",
    "class5": "#14161c",
}
COLOURS = MappingProxyType({"dark": _DARK, "light": _LIGHT, "safe": _SAFE, "safe-light": _SAFE_LIGHT})
NAMES = tuple(COLOURS)


class Styles(dict[Ink, Style]):
    """The styles of inks on one ground, each made when it is first asked for."""

    def __init__(self, paint: Paint, ground: str) -> None:
        super().__init__()
        self._paint, self._ground = paint, ground

    def __missing__(self, ink: Ink) -> Style:
        self[ink] = self._paint.made(ink, self._ground)
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
        return _mix(full, colours["background"], int(percent) / 100) if percent else full

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
