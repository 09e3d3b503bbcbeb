"""Where a user's library and exported encoders are when nobody names a place."""

import os
from pathlib import Path

from platformdirs import user_cache_path, user_data_path


def default_library() -> str | Path:
    """Where the library is when none is named: PARALLAX_LIBRARY, else the user's data folder."""
    named = os.environ.get("PARALLAX_LIBRARY")
    return named if named else user_data_path("parallax", appauthor=False) / "library"


def exports() -> Path:
    """Where exported encoders are kept for all libraries: in PARALLAX_CACHE, else the user's cache folder."""
    named = os.environ.get("PARALLAX_CACHE")
    return (Path(named) if named else user_cache_path("parallax", appauthor=False)) / "encoders"
