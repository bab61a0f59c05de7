"""Sentences once more under other names: who a sentence is about does not change how it is worded.

Labels stay, and evidence moves with its words (counterfactual augmentation: Lu et al. 2020, section 4).
"""

import calendar
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from .example import Example

# words of one line stand for one another
_ALIKE = (
    "Afghanistan Algeria Argentina Australia Austria Belarus Belgium Brazil Bulgaria Cambodia Chile Colombia Egypt "
    "Ethiopia Finland Ghana Greece Hungary Iceland India Indonesia Iran Iraq Ireland Israel Italy Jordan Kenya Lebanon "
    "Libya Malaysia Morocco Nigeria Norway Pakistan Peru Poland Romania Russia Rwanda Serbia Sweden Syria Tunisia "
    "Turkey Uganda Ukraine Uruguay Venezuela Vietnam Yemen Zambia",
    "Afghan Algerian Argentinian Australian Austrian Belgian Brazilian Bulgarian Cambodian Canadian Chilean Colombian "
    "Egyptian Ethiopian Georgian German Ghanaian Hungarian Indian Indonesian Iranian Iraqi Israeli Italian Jordanian "
    "Kenyan Korean Libyan Malaysian Mexican Moroccan Nigerian Norwegian Pakistani Peruvian Romanian Russian Rwandan "
    "Saudi Serbian Syrian Tunisian Ugandan Ukrainian Venezuelan Yemeni Zambian",
    "Baptist Buddhist Catholic Christian Hindu Lutheran Methodist Mormon Muslim Protestant Sikh",
    "Centrist Conservative Democrat Liberal Nationalist Republican Socialist",
)
_GROUP = {word: tuple(line.split()) for line in _ALIKE for word in line.split()}
_GIVEN = (
    "Adaeze Aisha Alejandro Anders Anjali Aoife Bogdan Brigitte Camila Chukwudi Connor Daniela Deborah Darnell Elif "
    "Emeka Fatima Femi Gareth Giulia Hassan Heidi Hiroshi Imani Ingrid Ivan Jamal Jasmine Jean-Luc Joanna Kenji Kofi "
    "Lakshmi Latoya Leila Li Maria Marek Matthew Mehmet Mei Miriam Mustafa Nikolai Nadia Olena Omar Oluwaseun Paulo "
    "Pedro Rachel Rajesh Robert Sanjay Sarah Seung-ho Sergei Sophie Tariq Thandiwe Tomasz Tuan Uri Vikram William Xin "
    "Yael Yusuf Zainab Zoltan"
).split()
_FAMILY = (
    "Abebe Adeyemi al-Hakim Andersson Balogun Banerjee Barkley Ben-David Bergström Brennan Castellano "
    "Chandrasekhar Chen Chowdhury Cohen Costa Davies Delacroix Demir Diallo Dlamini Ekström Eze Fernandes "
    "Flanagan García Goldfarb Grant Gutierrez Haddad Hosseini Hughes Ibrahim Ivanov Jansen Jefferson Kang Karimi "
    "Khan Kim Kovalenko Kowalska Lam Lindqvist Mbeki McAllister Mensah Moreau Nakamura Nkosi Novak O’Connell Obi "
    "Okafor Park Patel Pham Popescu Qureshi Ramírez Rosenthal Rossi Schneider Shevchuk Silva Singh Smirnov Tanaka "
    "Tran Vasquez Volkov Walker Washington Weber Wu Yilmaz"
).split()
_TITLES = frozenset(
    "Mr Mrs Ms Dr Sen Rep Gov Gen Capt Col Sgt Rev President Senator Governor Secretary Minister Mayor "
    "Ambassador Chief Father Representative Congressman Congresswoman Prince King Queen Pope Judge "
    "Sheriff Chancellor".split()
)
# beside days and the like: "Secretary of State Kerry", "Minister Islam"
_NO_NAMES = frozenset((*calendar.day_name, *calendar.month_name, *_TITLES, *_GROUP, "State", "Islam"))
_WORD = re.compile(r"\b[A-Z]\w+")
_PERSON = re.compile(rf"\b(?:{'|'.join(sorted(_TITLES))})\.? (?:[A-Z][a-z]+ )?(?P<family>[A-Z][a-z]{{3,}})\b")
_OFTEN = 2
"""Times that a name follows a title before it is taken for one."""
_VOWELS = "AEIO"


@dataclass(frozen=True, slots=True)
class _Names:
    """Names that the examples themselves show to be names of persons."""

    given: frozenset[str]
    family: frozenset[str]


def renamed(examples: Sequence[Example]) -> Iterator[Example]:
    """Each example that names a person, a country, a people, a faith or a party, once, under names that its id decides.

    Names of persons are those that follow a title more than once in the examples. One that is evidence stays.

    >>> example = Example("1", "Iran said an Iraqi might resign.", "d", {"hedging": 2}, {"hedging": ((19, 24),)})
    >>> [other] = renamed([example])
    >>> other.text
    'Iceland said an Indian might resign.'
    >>> [other.text[start:end] for start, end in other.evidence["hedging"]]
    ['might']
    """
    names = _names(examples)
    for example in examples:
        changes = _changes(example, names)
        if changes:
            yield _rewritten(example, changes)


def _names(examples: Sequence[Example]) -> _Names:
    family = _often(match["family"] for example in examples for match in _PERSON.finditer(example.text))
    if not family:
        return _Names(frozenset(), frozenset())
    before = re.compile(rf"(?<=[a-z,] )([A-Z][a-z]+) (?:{'|'.join(sorted(family))})\b")
    given = _often(match[1] for example in examples for match in before.finditer(example.text))
    return _Names(given - family, family)


def _often(found: Iterable[str]) -> frozenset[str]:
    return frozenset(name for name, count in Counter(found).items() if count >= _OFTEN) - _NO_NAMES


def _changes(example: Example, names: _Names) -> list[tuple[int, int, str]]:
    """What is written instead of which part of the text, in order; one name always becomes one other."""
    chance = random.Random(example.id)
    evidence = [span for spans in example.evidence.values() for span in spans]
    chosen: dict[str, str] = {}

    def other(name: str) -> str | None:
        if name in chosen:
            return chosen[name]
        if name in names.family or name in names.given:
            chosen[name] = chance.choice(_FAMILY if name in names.family else _GIVEN)
        elif name in _GROUP:  # the indefinite article before it stays right
            alike = [word for word in _GROUP[name] if word != name and (word[0] in _VOWELS) == (name[0] in _VOWELS)]
            chosen[name] = chance.choice(alike)
        elif name.endswith("s") and name[:-1] in _GROUP:
            chosen[name] = f"{other(name[:-1])}s"
        return chosen.get(name)

    found = [(match.start(), match.end(), other(match[0])) for match in _WORD.finditer(example.text)]
    return [
        (start, end, word)
        for start, end, word in found
        if word and not any(start < last and end > first for first, last in evidence)
    ]


def _rewritten(example: Example, changes: Sequence[tuple[int, int, str]]) -> Example:
    text, at = "", 0
    for start, end, word in changes:
        text += example.text[at:start] + word
        at = end

    def moved(offset: int) -> int:
        return offset + sum(len(word) - (end - start) for start, end, word in changes if end <= offset)

    return replace(
        example,
        id=f"{example.id}@",
        text=text + example.text[at:],
        evidence={
            axis: tuple((moved(start), moved(end)) for start, end in spans) for axis, spans in example.evidence.items()
        },
    )
