"""What made a library, and whether this code and this model can use it."""

from pathlib import Path

from index import card, split
from index.store import Store
from index.types import BusyError, ParallaxError

FILE = "library.sqlite"


class LibraryError(ParallaxError):
    """A library cannot be opened or changed as asked."""


class LibraryBusyError(LibraryError, BusyError):
    """Another process is changing the library."""


def read(folder: Path) -> dict[str, str]:
    """What made the library in a folder; empty where there is none, or one whose making was cut short."""
    return Store(folder / FILE).manifest() if is_there(folder) else {}


def languages(manifest: dict[str, str]) -> tuple[str, ...]:
    """The languages that a library's encoder knows, as its card says; empty where it does not say."""
    if "languages" not in manifest:  # made before libraries remembered it
        return card.languages(manifest["encoder"])
    return tuple(manifest["languages"].split())


def is_there(folder: Path) -> bool:
    """Whether a folder holds the file of a library. Raises LibraryError where that cannot be seen."""
    try:
        return (folder / FILE).is_file()
    except OSError as error:
        raise LibraryError(f"The library at {folder} cannot be read: {error.strerror}.") from error


def agree(address: str | Path, manifest: dict[str, str], format_: str, model: str | None) -> None:
    """Raise LibraryError unless a library has this format and splitter, and this model where one is named."""
    if set(manifest) < {"format", "splitter", "encoder", "fingerprint", "dimension"}:
        raise LibraryError(f"The library at {address} does not say what made it; add its files to a new library.")
    if manifest["format"] != format_:
        raise LibraryError(
            f"The library at {address} has format {manifest['format']} and this version of Parallax reads {format_}; "
            "use the version that made it, or add its files to a new library."
        )
    if manifest["splitter"] != str(split.VERSION):
        raise LibraryError(
            f"The library at {address} was split by version {manifest['splitter']} of the rules and this is version "
            f"{split.VERSION}; add its files to a new library."
        )
    if model not in (None, manifest["encoder"]):
        raise LibraryError(
            f"The library at {address} was made with the model “{manifest['encoder']}”, not “{model}”; "
            "leave the model out, or choose another library."
        )
