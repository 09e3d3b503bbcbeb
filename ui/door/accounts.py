"""The users of a server: one JSON file, readable by its owner alone, with a role and an argon2id hash for each name.

It knows no requests and no sessions. Nothing of a password is kept but its hash.
"""

import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from filelock import FileLock

from index.types import ParallaxError

SHORTEST, LONGEST = 12, 1024
"""Characters of a password; more would only keep the machine busy."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")


class AccountsError(ParallaxError):
    """The users cannot be read or changed as asked."""


@dataclass(frozen=True, slots=True)
class Account:
    """One user."""

    name: str
    hash: str
    """Argon2id with its salt and its costs, as RFC 9106 and the PHC string format have it."""
    editor: bool
    """May change the library; else only ask it."""


class Accounts:
    """The file of the users. It is read again when it has changed, so a user who is removed is out at once."""

    def __init__(self, file: Path, hasher: PasswordHasher | None = None) -> None:
        self.file = file
        self._hasher = hasher if hasher is not None else PasswordHasher()  # RFC 9106's parameters for little memory
        self._nobody = self._hasher.hash(os.urandom(16).hex())
        self._seen: tuple[int, int, int] | None = None
        self._accounts: dict[str, Account] = {}

    def all(self) -> dict[str, Account]:
        """Every user by name; none where there is no file. Raises AccountsError for a file that others may read."""
        try:
            state = self.file.stat()
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise AccountsError(f"The users in {self.file} cannot be read ({error.strerror}).") from error
        seen = (state.st_ino, state.st_mtime_ns, state.st_size)
        if seen != self._seen:
            if state.st_mode & 0o077:
                raise AccountsError(f"Others may read {self.file}; close it with: chmod 600 {self.file}")
            self._accounts, self._seen = _read(self.file), seen
        return self._accounts

    def verified(self, name: str, password: str) -> Account | None:
        """The user of this name if the password is theirs. A name that nobody has takes as long as one that has."""
        account = self.all().get(name)
        try:
            self._hasher.verify(account.hash if account else self._nobody, password[: LONGEST + 1])
        except (VerificationError, InvalidHashError):
            return None
        return account

    def add(self, name: str, password: str, editor: bool) -> None:
        """Add a user, or give one another password and role. Raises AccountsError for a name or password unfit."""
        if not _NAME.fullmatch(name):
            raise AccountsError("A user's name is up to 64 letters, digits and . _ @ - after a letter or a digit.")
        if not SHORTEST <= len(password) <= LONGEST:
            raise AccountsError(f"A password has {SHORTEST} to {LONGEST:,} characters; choose another.")
        self._change(lambda users: {**users, name: Account(name, self._hasher.hash(password), editor)})

    def remove(self, name: str) -> None:
        """Take a user out. Raises AccountsError where there is none of that name."""
        if name not in self.all():
            raise AccountsError(f"There is no user “{name}”; `parallax user list` shows those there are.")
        self._change(lambda users: {other: users[other] for other in users if other != name})

    def _change(self, change: Callable[[dict[str, Account]], dict[str, Account]]) -> None:
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(f"{self.file}.lock", mode=0o600):
                users = change(self.all())
                kept = {user.name: {"hash": user.hash, "editor": user.editor} for user in users.values()}
                _write(self.file, json.dumps({"users": kept}, indent=1))
        except OSError as error:
            raise AccountsError(f"The users in {self.file} cannot be written ({error.strerror}).") from error


def _read(file: Path) -> dict[str, Account]:
    try:
        users = json.loads(file.read_text(encoding="utf-8"))["users"]
        return {name: Account(name, str(user["hash"]), user["editor"] is True) for name, user in users.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise AccountsError(f"{file} holds no users; remove it and add them anew with `parallax user add`.") from error


def _write(file: Path, text: str) -> None:
    """Write a file whole, for its owner alone from its first byte on."""
    beside = file.with_name(f"{file.name}.new")
    beside.unlink(missing_ok=True)  # what a killed change left; the lock is ours
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())
    beside.replace(file)
