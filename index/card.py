"""The languages that an encoder knows, by the card that comes with it (the YAML at the head of its README.md).

Reads the card where the model lies: in the package, in a folder, or in the hub's cache. Fetches nothing, and believes
what the card says.
"""

from collections.abc import Sequence
from pathlib import Path

from index.embed import DEFAULT_MODEL, packaged_file
from index.language import code

CARD = "README.md"
_MANY = "multilingual"
"""What cards say beside, or in place of, a list of languages."""


def languages(model: str) -> tuple[str, ...]:
    """The codes of the languages that a model's card names, sorted; none where it names none or there is no card."""
    import yaml
    from huggingface_hub import metadata_load

    try:
        card = _card(model)
        said = metadata_load(card) if card is not None else None
    except (OSError, ValueError, yaml.YAMLError):  # a card is prose for people: a damaged one says nothing
        said = None
    named = (said or {}).get("language") or ()
    tags = [named] if isinstance(named, str) else named
    found = {found for tag in tags if isinstance(tag, str) and tag != _MANY and (found := code(tag))}
    return tuple(sorted(found))


def knows(known: Sequence[str], language: str) -> bool | None:
    """Whether a model of these languages knows one; None where its card does not say which it knows."""
    return language in known if known else None


def _card(model: str) -> Path | None:
    if model == DEFAULT_MODEL:
        return packaged_file(CARD)
    if Path(model).is_dir():
        beside = Path(model) / CARD
        return beside if beside.is_file() else None
    from huggingface_hub import try_to_load_from_cache

    for name in (model, f"sentence-transformers/{model}"):  # short names are theirs
        found = try_to_load_from_cache(name, CARD)
        if isinstance(found, str):
            return Path(found)
    return None
