"""The page on which one signs in: a form that needs no script, in the colours of the page that it leads to."""

from html import escape
from pathlib import Path
from urllib.parse import parse_qs

from ui.door.refused import Refused

CSS = (Path(__file__).parent / "door.css").read_text(encoding="utf-8")


def page(refusal: str = "", name: str = "") -> str:
    """The page, after a refusal with its sentence and the name as it was given."""
    told = f'<p class="refusal" role="alert" id="refusal">{escape(refusal)}</p>' if refusal else ""
    wrong = ' aria-invalid="true" aria-describedby="refusal"' if refusal else ""
    first, second = ("", " autofocus") if name else (" autofocus", "")
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Sign in · Parallax</title>
<link rel="icon" href="favicon.ico">
<link rel="stylesheet" href="door.css">
</head>
<body>
<main>
<h1>Parallax</h1>
<form method="post" action="sign-in">
{told}
<label for="name">Name</label>
<input id="name" name="name" value="{escape(name)}" autocomplete="username" autocapitalize="none" \
spellcheck="false" maxlength="64" required{wrong}{first}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" maxlength="1024" \
required{wrong}{second}>
<button type="submit">Sign in</button>
</form>
</main>
</body>
</html>
"""


def form(body: bytes) -> tuple[str, str]:
    """The name and the password of a form that was sent. Raises Refused for anything else."""
    try:
        fields = parse_qs(body.decode("ascii"), keep_blank_values=True, max_num_fields=8)
        (name,), (password,) = fields["name"], fields["password"]
    except (ValueError, KeyError) as error:
        raise Refused(400, "Send the form of the sign-in page.") from error
    return name, password
