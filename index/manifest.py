"""What made a library, and whether this code and this model can use it."""

from pathlib import Path

from index import card, split
from index.embed import Encoder
from index.sealed import CONTENTS
from index.store import Store
from index.types import BusyError, ParallaxError, Precision

FILE, SEGMENTS = "library.sqlite", "segments"


class LibraryError(ParallaxError):
    """A library cannot be opened or changed as asked."""


class LibraryBusyError(LibraryError, BusyError):
    """Another process is changing the library."""


def read(store: Store) -> dict[str, str]:
    """What made the library of a file; empty where there is none, or one whose making was cut short.

    Raises LibraryError where it is the file that is missing: a document's search files are written after it is made.
    """
    folder = store.file.parent

    def known() -> dict[str, str]:
        return store.manifest() if is_there(folder) else {}

    made_by = known()
    if made_by or not next((folder / SEGMENTS).glob(f"*/{CONTENTS}"), None):
        return made_by
    if not (made_by := known()):  # again: the whole library may have come in between
        raise LibraryError(
            f"The search files of a library are at {folder}, and its texts are not: {FILE} is missing or empty there; "
            "bring it back, or choose another folder."
        )
    return made_by


def made_by(name: str, encoder: Encoder, precision: Precision) -> dict[str, str]:
    """What a library is made with from now on."""
    return {
        "encoder": name,
        "fingerprint": encoder.fingerprint,
        "precision": precision.value,
        "dimension": str(encoder.dimension),
        "splitter": str(split.VERSION),
        "languages": " ".join(card.languages(name)),
    }


def languages(manifest: dict[str, str]) -> tuple[str, ...]:
    """The languages that a library's encoder knows, as its card says; empty where it does not say."""
    if "languages" not in manifest:  # made before libraries remembered it
        return card.languages(manifest["encoder"])
    return tuple(manifest["languages"].split())


def precision_of(manifest: dict[str, str]) -> Precision:
    """What a library's vectors were made in. Raises LibraryError for a precision of a later version."""
    named = manifest.get("precision", Precision.FLOAT32)  # which all were before libraries remembered it
    try:
        return Precision(named)
    except ValueError as error:
        raise LibraryError(f"The library's vectors were made in {named}, which this version does not know.") from error


def is_there(folder: Path) -> bool:
    """Whether a folder holds the file of a library. Raises LibraryError where that cannot be seen."""
    try:
        return (folder / FILE).is_file()
    except OSError as error:
        raise LibraryError(f"The library at {folder} cannot be read: {error.strerror}.") from error


def refuse_other_weights(address: str | Path, manifest: dict[str, str], encoder: Encoder) -> None:
    """Raise LibraryError unless a library was made with the weights of this encoder, rounded as they are here."""
    known = manifest["fingerprint"]
    if encoder.fingerprint != known:
        raise LibraryError(
            f"The library at {address} was made with other weights of “{manifest['encoder']}” "
            f"(SHA-256 {known[:12]}…, not {encoder.fingerprint[:12]}…); add its files to a new library."
        )


def agree(
    address: str | Path, manifest: dict[str, str], format_: str, model: str | None, precision: Precision | None
) -> None:
    """Raise LibraryError unless a library has this format and splitter, and this model and precision where named."""
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
    made_in = precision_of(manifest)
    if precision not in (None, made_in):
        raise LibraryError(
            f"The library at {address} was made in {made_in}, not {precision}; "
            "leave the precision out, or choose another library."
        )
