"""What made a library, and whether this code and this model can use it."""

from pathlib import Path

from index import split
from index.store import FORMAT, Store
from index.types import ParallaxError

FILE = "library.sqlite"


class LibraryError(ParallaxError):
    """A library cannot be opened or changed as asked."""


def read(folder: Path) -> dict[str, str]:
    """What made the library in a folder; empty where there is none, or one whose making was cut short."""
    return Store(folder / FILE).manifest() if is_there(folder) else {}


def is_there(folder: Path) -> bool:
    """Whether a folder holds the file of a library. Raises LibraryError where that cannot be seen."""
    try:
        return (folder / FILE).is_file()
    except OSError as error:
        raise LibraryError(f"The library at {folder} cannot be read: {error.strerror}.") from error


def check(folder: Path, manifest: dict[str, str], model: str | None) -> None:
    """Raise LibraryError unless this code and this model can use a library so made; an older one is brought up to date.

    A library that may not be written stays as it is, and StoreError says so.
    """
    if set(manifest) < {"format", "splitter", "encoder", "fingerprint", "dimension"}:
        raise LibraryError(f"The library at {folder} does not say what made it; add its files to a new library.")
    if manifest["format"] in ("1", "2"):
        Store(folder / FILE).upgrade()
    elif manifest["format"] != str(FORMAT):
        raise LibraryError(
            f"The library at {folder} has format {manifest['format']} and this version of Parallax reads {FORMAT}; "
            "use the version that made it, or add its files to a new library."
        )
    if manifest["splitter"] != str(split.VERSION):
        raise LibraryError(
            f"The library at {folder} was split by version {manifest['splitter']} of the rules and this is version "
            f"{split.VERSION}; add its files to a new library."
        )
    if model not in (None, manifest["encoder"]):
        raise LibraryError(
            f"The library at {folder} was made with the model “{manifest['encoder']}”, not “{model}”; "
            "leave the model out, or choose another library."
        )
