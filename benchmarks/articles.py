"""Invented news articles made from parts: the same for the same seed, in any number."""

import json
import random
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

_PEOPLE = (
    "Marta Ilves, Tobias Renn, Ines Carvalhal, Oskar Dunmore, Leyla Haddadin, Piotr Wolanski, Grace Okereke, "
    "Henrik Solberg, Amina Toure, Daniel Kestrel, Yuki Arimoto, Rosalind Peake, Samir Benali, Clara Vogelsang"
).split(", ")
_PLACES = (
    "Osterby, Marrow Bay, Kellhaven, Port Linden, Dunmere, Vessel Point, Upper Tarn, Greywater, Saltmarsh Cross, "
    "the Ardle valley, Fennick, Novograd-on-Sea, the old harbour district, the eastern suburbs"
).split(", ")
_BODIES = (
    "the city council, the harbour authority, Kellhaven General Hospital, the transport ministry, the Linden Packet, "
    "the regional court, the teachers’ union, Brightwater Energy, the fire service, the electoral commission, "
    "the University of Dunmere, the port workers’ federation, the Ardle Water Company, the coroner’s office"
).split(", ")
_ROLES = (
    "mayor, finance minister, spokesperson, chief inspector, head teacher, union leader, surgeon, bridge engineer, "
    "opposition leader, campaigner, shopkeeper, retired pilot, consultant, ferry captain, prosecutor"
).split(", ")
_THINGS = (
    "the ferry contract, a {number}-million-crown budget, the flood barrier, the closure of two libraries, "
    "an audit of {number} accounts, the vaccination programme, the new timetable, {number} missing invoices, "
    "the harbour bridge, a draft pension reform, the restoration of the theatre, a merger with a rival firm, "
    "the school meals scheme, a leaked memorandum, tariffs on imported timber, the derby against Fennick Rovers"
).split(", ")
_VERBS = (
    "approved, postponed, defended, criticised, reviewed, published, rejected, inspected, welcomed, questioned, "
    "reportedly abandoned, may have concealed, allegedly rewrote, quietly dropped, unanimously endorsed, "
    "is believed to have delayed, disgracefully ignored, signed off, put to a vote, sent back for amendment"
).split(", ")
_SAYINGS = (
    "we did what we could with the money we had, nobody told us until the lorries arrived, they have waited too long, "
    "the figures speak for themselves, it was the most terrifying night of my life, I have nothing to add, "
    "there will be consequences, we are looking at every option, that claim is untrue, this is a betrayal of {place}"
).split(", ")
_TAILS = (
    "after a meeting that lasted until {hour} in the morning; according to two people familiar with the talks; "
    "in what residents called a staggering failure; a claim that could not be independently verified; "
    "despite objections from {body}; as heavy rain swept across {place} for a {ordinal} day; "
    "while prices rose by {number} per cent in {month}; which {person} described as alarming; "
    "because the tender had drawn only {number} bids; although officials would not confirm the date; "
    "ahead of elections that are due in {month}; on condition that {body} pays half of the cost; "
    "and said that a report would follow in {month}; as first reported by the Osterby Gazette; "
    "where {number} households are still without electricity; in the presence of {person} and {person}; "
    "with {number} votes to {number}, a margin that surprised even its supporters; "
    "for the {ordinal} time since the {month} storm; to the evident relief of commuters from {place}; "
    "though it was not clear whether {body} had been consulted; at a cost of about {number} million crowns"
).split("; ")
_SHORT = (
    "It rained in {place} in {month}.; Nobody in {place} was hurt.; {body} continues its inquiry.; "
    "That was {number} days ago.; The vote was {number} to {number}.; {person} declined to comment.; "
    "The road to {place} has reopened.; Few in {place} were convinced.; {person} disagrees.; It cost {number} crowns."
).split("; ")
_MONTHS = "January February March April May June July August September October November December".split()
_ORDINALS = "second third fourth fifth sixth seventh".split()
_OUTLETS = "Osterby Gazette, Linden Packet, Dunmere Courier, Fennick Herald".split(", ")


def articles(count: int, seed: int = 0) -> Iterator[dict[str, str]]:
    """Yield articles with ``id``, ``outlet``, ``date`` and ``text``: 8 to 40 sentences in paragraphs.

    Sentences have 24 words on the average and a long tail, as in newspapers; one in four quotes someone. Few are
    the same, so that scoring identical sentences once does not flatter a figure.
    """
    generator = random.Random(seed)
    for number in range(count):
        yield {
            "id": f"invented-{seed}-{number}",
            "outlet": generator.choice(_OUTLETS),
            "date": f"2026-{generator.randint(1, 12):02}-{generator.randint(1, 28):02}",
            "text": "\n\n".join(_paragraph(generator) for _ in range(generator.randint(4, 12))),
        }


def briefs(count: int, seed: int = 0) -> Iterator[dict[str, str]]:
    """Yield articles with ``id`` and ``text``, one sentence of some ten words."""
    generator = random.Random(seed)
    for number in range(count):
        yield {"id": f"brief-{seed}-{number}", "text": f"{_statement(generator)}."}


def write_jsonl(place: Path, rows: Iterable[Mapping[str, str]]) -> None:
    """Write articles, one a line."""
    with place.open("w", encoding="utf-8") as stream:
        stream.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _paragraph(generator: random.Random) -> str:
    return " ".join(_sentence(generator) for _ in range(generator.randint(1, 4)))


def _sentence(generator: random.Random) -> str:
    words = generator.gammavariate(4.0, 6.0)
    if words < 7:
        return _capitalised(_filled(generator.choice(_SHORT), generator))
    if generator.random() < 0.25:
        text = f"“{_capitalised(_filled(generator.choice(_SAYINGS), generator))},” said {_someone(generator)}"
    else:
        text = _statement(generator)
    for part in generator.sample(_TAILS, len(_TAILS)):
        missing = words - len(text.split())
        if missing <= 4:
            break
        tail = _filled(part, generator)
        text += f", {tail}" if missing > 8 else f" {tail}"
    return f"{text}."


def _statement(generator: random.Random) -> str:
    thing = _filled(generator.choice(_THINGS), generator)
    return _capitalised(f"{_someone(generator)} {generator.choice(_VERBS)} {thing}")


def _someone(generator: random.Random) -> str:
    return generator.choice(
        (
            generator.choice(_PEOPLE),
            generator.choice(_BODIES),
            f"{generator.choice(_PEOPLE)}, a {generator.choice(_ROLES)} from {generator.choice(_PLACES)},",
        )
    )


def _capitalised(part: str) -> str:
    return part[0].upper() + part[1:]


def _filled(part: str, generator: random.Random) -> str:
    while "{" in part:
        for name, choice in (
            ("{person}", generator.choice(_PEOPLE)),
            ("{place}", generator.choice(_PLACES)),
            ("{body}", generator.choice(_BODIES)),
            ("{month}", generator.choice(_MONTHS)),
            ("{ordinal}", generator.choice(_ORDINALS)),
            ("{number}", str(generator.randint(2, 980))),
            ("{hour}", generator.choice(("one", "two", "three", "half past four"))),
        ):
            part = part.replace(name, choice, 1)
    return part
