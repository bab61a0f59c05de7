"""Text that is HTML still: its marks would be scored as words, and quotation marks among them are not seen."""

import re

_MARKUP = re.compile(
    r"&(?:amp|quot|apos|nbsp|lt|gt|[lr][sd]quo|[mn]dash|hellip|#[0-9]{1,6}|#x[0-9a-f]{1,5});"
    r"|</?(?:p|br|div|span|a|b|i|em|strong|h[1-6]|li|ul|ol|blockquote|figure|img|table)(?:\s[^<>]{0,2000})?/?>",
    re.IGNORECASE,
)


def has_markup(text: str) -> bool:
    """Whether there is a character reference or a tag of HTML in a text.

    >>> has_markup("“We fled,” she said."), has_markup("&quot;We fled,&quot; she said."), has_markup("<p>We fled.</p>")
    (False, True, True)
    """
    return _MARKUP.search(text) is not None
