"""Variants of training sentences for a teacher to label: words swapped for others of like form, or one clause alone.

What a variant says is of no matter, and its labels are not those of its sentence: the teacher's word is its only
target (Tang et al. 2019, section 3.2, do so for the same end).
"""

import random
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from .example import Example

_WORD = re.compile(r"[A-Za-z]+(?:[-'’][A-Za-z]+)*")
_CLAUSE_END = re.compile(r"(?<=[,;:—–]) ")
_VARIANTS = 4
"""Of each sentence."""
_SWAP = 0.2
"""Share of the content words that are swapped."""
_CUT = 0.2
"""Share of the sentences of which one clause is kept."""
_CLAUSE_WORDS = 7
_SUFFIXES = ("ing", "ed", "ly", "s")
_FUNCTION_WORDS = frozenset(
    "the and for but nor yet that this these those its she they you his her their our your him them who whom which "
    "what when where why how are was were been being does did has have had not with from into about over after before "
    "between through during against under than then there here down out off".split()
)


def variants(examples: Sequence[Example]) -> Iterator[Example]:
    """Unlabelled variants of each example; its id decides how they are made, the words are taken from all of them.

    >>> [variant.id for variant in variants([Example("1", "The quiet harbour was seized.", "d")])]
    ['1#0', '1#1', '1#2', '1#3']
    """
    words = defaultdict(list)
    for example in examples:
        for match in _WORD.finditer(example.text):
            if _is_content(match[0]):
                words[_form(match[0])].append(match[0])
    for example in examples:
        for number in range(_VARIANTS):
            name = f"{example.id}#{number}"
            chance = random.Random(name)
            text = _one_clause(_swapped(example.text, words, chance), chance)
            yield replace(example, id=name, text=text, grades={}, evidence={})


def _swapped(text: str, words: Mapping[str, Sequence[str]], chance: random.Random) -> str:
    def swap(match: re.Match[str]) -> str:
        word = match[0]
        if match.start() == 0 or not _is_content(word) or chance.random() > _SWAP:
            return word
        return chance.choice(words[_form(word)])

    return _WORD.sub(swap, text)


def _one_clause(text: str, chance: random.Random) -> str:
    if chance.random() > _CUT:
        return text
    clauses = [clause for clause in _CLAUSE_END.split(text) if len(clause.split()) >= _CLAUSE_WORDS]
    return chance.choice(clauses) if len(clauses) > 1 else text


def _is_content(word: str) -> bool:
    return len(word) > 2 and word.lower() not in _FUNCTION_WORDS


def _form(word: str) -> str:
    """What a word is swapped by: capital, suffix or neither."""
    suffix = next((suffix for suffix in _SUFFIXES if word.endswith(suffix)), "")
    return f"C{suffix == 's'}" if word[0].isupper() else suffix
