"""What a document may hold that another program would obey: strings for every format, view, export and the terminal."""

from pathlib import Path

from reportlab.pdfgen.canvas import Canvas

MARKUP = (
    "<script>window.pwned=1</script>",
    "<img src=x onerror=window.pwned=1>",
    "<svg onload=window.pwned=1><animate onbegin=window.pwned=1 attributeName=x></svg>",
    "<iframe srcdoc='<script>parent.pwned=1</script>'></iframe>",
    "<style>@import 'http://elsewhere.invalid/a.css';</style>",
    "<link rel=stylesheet href=//elsewhere.invalid/b.css>",
    "</mark></p></article></textarea></title><a href=javascript:window.pwned=1>here</a>",
    '"\'> onmouseover=window.pwned=1 autofocus onfocus=window.pwned=1 style="x:url(//elsewhere.invalid/c)"',
    "[here](javascript:window.pwned=1) ![there](http://elsewhere.invalid/x.png)",
    "${window.pwned=1} {{window.pwned=1}} {% raw %} #{window.pwned=1} `${window.pwned=1}` @children",
    "{{constructor.constructor('window.pwned=1')()}}",
    "&lt;script&gt; &#60;script&#62; &amp;lt;",
    "expression(window.pwned=1) \\3c script \\u003cscript>",
    "--> <!-- ]]> <![CDATA[ <?php ?>",
    "%3Cscript%3E __proto__ $$x$$ [bold]rich[/bold] :smile:",
)
"""For browsers, templates and readers of Markdown."""
WRITING = (
    "\u202eoverride\u202c \u2066isolate\u2069 \u200fmark \u061c",
    "zero\u200bwidth\u2060joiner",
    "e\u0301\u0327 Z\u0351\u036b\u0343a\u0334l",
    "שלום עולם مرحبا",
    "🚣🏽‍♀️ 👨‍👩‍👧",
)
"""That turns the direction, joins, stacks and hides."""
COMMANDS = ("\x1b[31mred", "\x1b]0;title\x07", "\x9b2J", "\x08\x7f")
"""For terminals; no XML may hold them."""
SHARED = "The clerk copied the whole notice <b onclick=window.pwned=1> out of the harbour book ${window.pwned=1}."
"""Twelve words and more that two documents have in common."""


def paragraphs(strings: tuple[str, ...]) -> list[str]:
    """Each string in a sentence that a question finds."""
    return [f"Then the clerk wrote {string} upon board {number}." for number, string in enumerate(strings)]


def text() -> str:
    """A plain text that holds all of them, and what `other` has too."""
    return "\n\n".join(["The Clerk <i>Log</i>", *paragraphs(MARKUP + WRITING + COMMANDS), SHARED]) + "\n"


def other() -> str:
    """A second text, in Markdown, which calls itself by commands and broken lines."""
    head = f'---\ntitle: "The Keeper\\e[31m\\nforged: line {MARKUP[1]}"\nauthor: "A. Keeper\\r\\nforged: author"\n---'
    told = [f"The keeper of gate {number} counted the swans and closed his book." for number in range(30)]
    shared = SHARED.replace("<", "\\<").replace("$", "\\$")
    return "\n\n".join([head, shared, *told]) + "\n"


def printed(path: Path) -> None:
    """A PDF that holds what is for browsers, and calls itself so."""
    canvas = Canvas(str(path), pagesize=(900, 400), invariant=1)
    canvas.setTitle(f"The {MARKUP[0]} {MARKUP[1]}")
    canvas.setAuthor(MARKUP[1])
    for number, paragraph in enumerate(paragraphs(MARKUP)):
        canvas.drawString(40, 360 - 20 * number, paragraph)
    canvas.save()
