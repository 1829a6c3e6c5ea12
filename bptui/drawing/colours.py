"""The colours of each theme, by role."""

from __future__ import annotations

from types import MappingProxyType

from bptui.drawing.canvas import BANDS


def _bands(low: str, high: str) -> dict[str, str]:
    """The colours of a surface from its lowest band to its highest."""
    return {band: mixed(high, low, k / (len(BANDS) - 1)) for k, band in enumerate(BANDS)}


def mixed(colour: str, background: str, share: float) -> str:
    """So much of a colour on a background, both as #rrggbb."""
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
