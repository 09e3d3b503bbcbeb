"""What was made out of the documents of a library, remembered as long as their texts stay as they are.

An entry names one version of a text with its details, so it is the key of everything here. Asks no model.
"""

from functools import lru_cache, partial
from typing import TYPE_CHECKING

from index.entry import Entry
from index.language import name
from index.latest import Latest
from index.library import Library
from qa.counterparts import Counterparts
from qa.languages import notice
from qa.types import Shared, Source, Voice
from qa.voice import voices

if TYPE_CHECKING:  # loaded by what asks for them, which no question does
    from qa.quote import Searched
    from qa.terms import Worded
    from qa.tokens import Tokens

HEARD = 256
"""Of so many documents it is remembered who speaks in them, and their words are kept: 16 bytes a word."""
COMPARED = 16
"""Of so many lists of documents it is remembered what they share."""


class Memo:
    """What is known of the documents of one library beyond what its files hold."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self.voices = Latest(HEARD, self._voices)
        self._tokens = Latest(HEARD, self._cut)
        self.shared = lru_cache(COMPARED)(self._shared)
        self.counterparts = Counterparts(library, self.voices)

    def source(self, entry: Entry) -> Source:
        """A document of the library as an answer names it."""
        return Source(
            entry.id, entry.title, entry.author, entry.year, entry.label,
            entry.sha256, entry.source, entry.words, entry.passages, entry.notice,
            entry.language, name(entry.language), notice(self._library.languages, entry.language),
            entry.publisher, entry.colour, entry.pages, entry.notes, entry.added,
        )  # fmt: skip

    def worded(self, entry: Entry) -> "Worded":
        """A document with its words."""
        from qa.terms import Worded

        document, passages = self._library.document(entry), self._library.passages(entry)
        return Worded(self.source(entry), document, passages, self.voices(entry), self._tokens(entry))

    def searched(self, entry: Entry) -> "Searched":
        """A document in which a quotation may be looked for."""
        from qa.quote import Searched

        words = self._library.segment(entry).passage_words
        document, passages = self._library.document(entry), self._library.passages(entry)
        return Searched(document, passages, words, partial(self.voices, entry))

    def _voices(self, entry: Entry) -> tuple[Voice, ...]:
        return voices(self._library.document(entry))

    def _cut(self, entry: Entry) -> "Tokens":
        from qa.tokens import tokens

        return tokens(self._library.document(entry))

    def _shared(self, entries: tuple[Entry, ...]) -> tuple[Shared, ...]:
        from qa.sharing import Opened, shared  # which no question needs

        library = self._library
        return shared([Opened(library.document(e), library.passages(e), self.voices(e)) for e in entries])
