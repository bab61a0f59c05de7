"""What counts as a word where words are counted, erased or matched."""

import re

WORD = re.compile(r"\w+(?:['’-]\w+)*")
