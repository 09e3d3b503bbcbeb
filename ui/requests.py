"""What programs may ask, with the limits of each part: the requests of the HTTP API and the arguments of the MCP tools.

Strict, so that a misspelt name or a number in quotation marks is told and not guessed at. What only the library or the
words can tell (an unknown document, a question without a word) is refused when it is asked.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from qa.checks import LONGEST_QUESTION, LONGEST_QUOTATION, LONGEST_TERM

MOST_TURNS = 20
"""Questions carried along, and turns of an exported conversation."""
MOST_LINES = 1000
"""Lines of a concordance at a time, of each document."""

DocumentId = Annotated[str, Field(min_length=1, description="The id of a document, as the list of documents has it.")]
DocumentIds = Annotated[
    list[DocumentId] | None, Field(min_length=1, description="The ids of the documents to look in; all if left out.")
]
Question = Annotated[
    str, Field(min_length=1, max_length=LONGEST_QUESTION, description="The question, in plain words; at least one.")
]
History = Annotated[
    list[Annotated[str, Field(max_length=LONGEST_QUESTION)]],
    Field(max_length=MOST_TURNS, description="The earlier questions of the same chat, oldest first."),
]
Own = Annotated[bool, Field(description="Answer only with what each author says in their own words.")]
Quotation = Annotated[
    str,
    Field(min_length=1, max_length=LONGEST_QUOTATION, description="The quotation; … where something is left out."),
]


def _whole(value: object) -> object:
    """JSON has one kind of number: 5.0 is an integer, too."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


WHOLE = BeforeValidator(_whole)
Start = Annotated[int, Field(ge=0, description="Where the words begin: characters of the text, from 0."), WHOLE]
End = Annotated[int, Field(ge=1, description="Where the words end: the character after the last."), WHOLE]
Sha256 = Annotated[
    str | None,
    Field(
        pattern="^[0-9a-f]{64}$",
        description="The SHA-256 that a citation carries; if the text is no longer that one, nothing is opened.",
    ),
]


class Request(BaseModel):
    """A request's body."""

    model_config = ConfigDict(strict=True, extra="forbid")


class Asked(Request):
    """A question to the documents."""

    question: Question
    documents: DocumentIds = None
    own: Own = False


class Ask(Asked):
    """A question to the documents, and what was asked before it."""

    history: History = []


class Compare(Request):
    """A place in one document, whose words are put to all others."""

    document: DocumentId
    start: Start
    end: End
    sha256: Sha256 = None
    own: Own = False


class Find(Request):
    """A quotation to look up."""

    quotation: Quotation
    documents: DocumentIds = None


class Terms(Request):
    """A term to look up."""

    term: Annotated[
        str, Field(min_length=1, max_length=LONGEST_TERM, description="A word, or a phrase of up to eight.")
    ]
    documents: DocumentIds = None
    first: Annotated[int, Field(ge=0, description="Begin with this line of each document, from 0."), WHOLE] = 0
    count: Annotated[int, Field(ge=0, le=MOST_LINES, description="So many lines of each document."), WHOLE] = 25


class Share(Request):
    """The documents to compare."""

    documents: Annotated[
        list[DocumentId] | None, Field(min_length=2, description="The ids of two or more documents; all if left out.")
    ] = None


class Export(Request):
    """A conversation to be asked and taken along."""

    ending: Annotated[Literal["html", "md", "json"], Field(description="HTML, Markdown or JSON.")] = "html"
    turns: Annotated[
        list[Asked | Compare | Find],
        Field(
            min_length=1,
            max_length=MOST_TURNS,
            description="Questions, places and quotations, in order; each question follows those before it.",
        ),
    ]
