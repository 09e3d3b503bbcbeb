"""The look of the page: a Gradio theme with the tokens for light and dark in one place.

`app.css` takes every colour and typeface from here. Tokens that begin with `px_` are our own; Gradio
writes each attribute of a theme as a CSS variable of the same name (`px_mark` becomes `--px-mark`).
"""

from dataclasses import dataclass

from gradio.themes import Base, Color, sizes


@dataclass(frozen=True, slots=True)
class Tone:
    """A colour on a light page and on a dark one."""

    light: str
    dark: str


PAPER = Tone("#fbfaf7", "#161513")
CARD = Tone("#ffffff", "#1f1e1b")
INK = Tone("#1d1c1a", "#ece8df")
SOFT = Tone("#66625b", "#a8a297")
LINE = Tone("#e4e0d8", "#36332e")
EDGE = Tone("#8d877c", "#7d776c")
FOCUS = Tone("#0b57d0", "#8ab4f8")
MARK = Tone("#fff1a8", "#5d5210")

DOCUMENTS = (
    (Tone("#1f5f8b", "#8cc4ec"), Tone("#e6f0f7", "#1b2f3d")),
    (Tone("#8a4b12", "#efb27a"), Tone("#f8ecdf", "#3a2a1b")),
    (Tone("#2f6b3c", "#93cf9d"), Tone("#e7f2e8", "#1d3222")),
    (Tone("#7a3b7e", "#d9a5dc"), Tone("#f4e8f5", "#362338")),
    (Tone("#0e6b6b", "#7fd0cb"), Tone("#e0f2f1", "#15312f")),
    (Tone("#9c2f4d", "#f2a0b2"), Tone("#fae8ed", "#3b1f27")),
)
"""For each document its colour and the tint that goes behind it: as many as `ui.render.HUES`."""

_PAPER_TO_INK = Color(
    name="paper",
    c50="#fbfaf7",
    c100="#f4f2ec",
    c200="#e4e0d8",
    c300="#cfc9be",
    c400="#a8a297",
    c500="#8d877c",
    c600="#66625b",
    c700="#4a4741",
    c800="#36332e",
    c900="#1f1e1b",
    c950="#161513",
)


class Parallax(Base):
    """Warm paper and ink; serif for the documents' words, the system's own face for ours."""

    def __init__(self) -> None:
        super().__init__(
            primary_hue=_PAPER_TO_INK,
            secondary_hue=_PAPER_TO_INK,
            neutral_hue=_PAPER_TO_INK,
            radius_size=sizes.radius_lg,
            font=("system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif"),
            font_mono=("ui-monospace", "Consolas", "monospace"),
        )
        self.name = "parallax"
        self.set(**_both(_GROUND), **_both(_BOX_AND_BUTTONS), **_MEASURES)
        # Gradio knows no tokens of these names; it writes every attribute of a theme as a variable.
        ours = {"px_edge": EDGE, "px_focus": FOCUS, "px_mark": MARK}
        for number, (colour, tint) in enumerate(DOCUMENTS):
            ours |= {f"px_hue_{number}": colour, f"px_tint_{number}": tint}
        for name, tone in (("ink", INK), ("soft", SOFT), ("mark", MARK)):  # paper is light
            ours[f"px_printed_{name}"] = Tone(tone.light, tone.light)
        for name, value in _both(ours).items():
            setattr(self, name, value)
        # Faces of the reader's own system: the serif that Gradio ships (Lora) lacks the Latin letters.
        self.px_serif = "'Source Serif 4', Charter, 'Iowan Old Style', Georgia, serif"


def _both(tones: dict[str, Tone]) -> dict[str, str]:
    """Each tone under its name for a light page and under its name for a dark one."""
    light = {name: tone.light for name, tone in tones.items()}
    return light | {f"{name}_dark": tone.dark for name, tone in tones.items()}


_GROUND = {
    "body_background_fill": PAPER,
    "body_text_color": INK,
    "body_text_color_subdued": SOFT,
    "background_fill_primary": CARD,
    "background_fill_secondary": PAPER,
    "border_color_primary": LINE,
    "block_background_fill": PAPER,
    "block_label_background_fill": PAPER,
    "block_label_text_color": SOFT,
}
_BOX_AND_BUTTONS = {
    "input_background_fill": CARD,
    "input_placeholder_color": SOFT,
    "button_primary_background_fill": INK,
    "button_primary_background_fill_hover": INK,
    "button_primary_text_color": PAPER,
    "button_secondary_background_fill": PAPER,
    "button_secondary_background_fill_hover": CARD,
    "button_secondary_border_color": EDGE,
    "button_secondary_text_color": INK,
}
_MEASURES = {
    "block_border_width": "0px",
    "block_padding": "0px",
    "block_shadow": "none",
    "form_gap_width": "0px",
    "layout_gap": "0px",
    "input_radius": "10px",
    "input_padding": "0.7rem 1rem",
    "input_text_size": "1rem",
    "input_shadow": "none",
    "input_shadow_focus": "none",
    "button_transition": "none",
    "button_large_radius": "10px",
}
