"""A place from outside: opened and cited word for word, refused where it is none or its text was replaced."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.types import MissingError, ParallaxError, ReplacedError
from qa.session import Session
from ui.places import checked, cited, opened


@given(st.data())
def test_what_is_opened_is_a_slice_of_the_text(library: Session, data: st.DataObject) -> None:
    document = library.document(data.draw(st.sampled_from(library.documents())).id)
    start, end = sorted(data.draw(st.sets(st.integers(0, len(document.text)), min_size=2, max_size=2)))
    told = opened(library, document.id, start, end, document.sha256)
    assert (told.quote, told.sha256) == (document.text[start:end], document.sha256)
    assert all(block.text == document.text[block.start : block.end] for block in told.blocks)
    assert any(block.start <= start <= block.end + 2 for block in told.blocks)


def test_a_citation_in_every_style_quotes_the_place(library: Session) -> None:
    document = library.document(library.documents()[0].id)
    told = cited(library, document.id, 100, 160)
    assert told.citation == library.cite(document.id, 100, 160)
    assert len(told.styles) == 7 and all(told.styles.values())


@pytest.mark.parametrize("place", [(0, 0), (5, 4), (-1, 4), (0, 10**9), (0.0, 4), ("0", 4), (None, None)])
def test_a_range_outside_the_text_is_missing(library: Session, place: tuple[object, object]) -> None:
    with pytest.raises(MissingError, match="its text runs from 0 to"):
        checked(library, library.documents()[0].id, *place)


def test_documents_that_are_not_there_and_texts_that_are_no_more_are_told(library: Session) -> None:
    with pytest.raises(MissingError, match="There is no document “nobody”"):
        opened(library, "nobody", 0, 1)
    with pytest.raises(ReplacedError, match="replaced since it was quoted"):
        opened(library, library.documents()[0].id, 0, 1, "0" * 64)
    with pytest.raises(ParallaxError, match="Name the document"):
        checked(library, None, 0, 1)
