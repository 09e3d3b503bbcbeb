"""Where a user's libraries, exported encoders and the users of a server lie when nobody names a place."""

import os
from pathlib import Path

from platformdirs import user_cache_path, user_config_path, user_data_path


def default_library() -> str | Path:
    """Where the library is when none is named: PARALLAX_LIBRARY, else the user's data folder."""
    named = os.environ.get("PARALLAX_LIBRARY")
    return named if named else user_data_path("parallax", appauthor=False) / "library"


def exports() -> Path:
    """Where exported encoders are kept for all libraries: in PARALLAX_CACHE, else the user's cache folder."""
    named = os.environ.get("PARALLAX_CACHE")
    return (Path(named) if named else user_cache_path("parallax", appauthor=False)) / "encoders"


def users() -> Path:
    """The file of those who may sign in: PARALLAX_USERS, else in the user's folder of settings."""
    named = os.environ.get("PARALLAX_USERS")
    return Path(named) if named else user_config_path("parallax", appauthor=False) / "users.json"
