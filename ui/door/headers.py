"""What every answer tells the browser: what it may load and run, who may show it, what it may keep.

Gradio's templates need 'unsafe-eval'; its page brings scripts of its own inside, which are let run by their hashes.
Handlers in attributes and scripts that come with a document's text run nowhere.
"""

import base64
import re
from hashlib import sha256

PAGE = (
    "default-src 'self'; script-src 'self' 'unsafe-eval'{scripts}; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'none'"
)
PLAIN = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""The policy of all that is no page of Gradio's: nothing runs."""
ALWAYS = {
    "x-content-type-options": "nosniff",
    # Nothing to other sites. With "no-referrer" a browser would hide the Origin of our own forms, too.
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_SCRIPT = re.compile(rb"<script(?P<attributes>[^>]*)>(?P<code>.*?)</script>", re.DOTALL)

Headers = list[tuple[bytes, bytes]]


def page_policy(html: bytes) -> str:
    """The policy of Gradio's page: its own scripts inside it may run, by their hashes (CSP 3)."""
    inside = [found["code"] for found in _SCRIPT.finditer(html) if b"src=" not in found["attributes"]]
    hashes = (base64.b64encode(sha256(code).digest()).decode() for code in inside)
    return PAGE.format(scripts="".join(f" 'sha256-{digest}'" for digest in hashes))


def with_ours(headers: Headers, policy: str, public: bool) -> Headers:
    """The headers of an answer with ours in place of any of the same name; `public`: a cache may keep it."""
    ours = {**ALWAYS, "content-security-policy": policy}
    if not public:
        ours["cache-control"] = "no-store"
    kept = [(name, value) for name, value in headers if name.decode("latin-1").lower() not in ours]
    return [*kept, *((name.encode(), value.encode()) for name, value in ours.items())]
