import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reportedly.model.axes import Voice
from reportedly.model.sentences import split_sentences
from reportedly.model.voice import open_mark, quoted_regions, voice_of


def quoted(text: str) -> list[str]:
    return [text[start:end] for start, end in quoted_regions(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("No quotation here; it isn’t one, and the boys' club isn't.", []),
        ("“We fled,” she said. “They left.”", ["“We fled,”", "“They left.”"]),
        ('He said "no" twice, "yes" once.', ['"no"', '"yes"']),
        ("He is 6'2\" tall and said “no”.", ["“no”"]),
        ("„Nein“, sagte er. «Non», dit-il.", ["„Nein“", "«Non»"]),
        ("‘It’s the boys’ game,’ he said. The boys’ club wasn’t open.", ["‘It’s the boys’ game,’"]),
        ("'It's over,' she said. '90s rock isn't.", ["'It's over,'"]),
        ("the ‘experts’ say so", ["‘experts’"]),
        ("“He told me ‘never again’ and left,” she said.", ["“He told me ‘never again’ and left,”"]),
        ("‘He said “no” and left,’ she said.", ["‘He said “no” and left,’"]),
        ("“He said, “No,” and left.” It rained.", ["“He said, “No,” and left.”"]),
        ("``We fled,'' she said. ``They left.''", ["``We fled,''", "``They left.''"]),
        ('"We fled,” she said. “They left." It rained.', ['"We fled,”', '“They left."']),
        (
            '"He said “no” twice,” she said. “He said "no" twice," said I.',
            ['"He said “no” twice,”', '“He said "no" twice,"'],
        ),
        ('“A 15" screen broke,” he said.', ['“A 15" screen broke,”']),
        (
            "“We are furious, she said. “It may be fraud,” he added. It rained.",
            ["“We are furious, she said. ", "“It may be fraud,”"],
        ),
        ("“We fled,“ she said. The vote is on Monday. “They left.“ It rained.", ["“We fled,“", "“They left.“"]),
        ("‘We are appalled', she said. 'It is over’: a film.", ["‘We are appalled'", "'It is over’"]),
        ("‘We’re fightin’ and losin’ badly,’ said Lund. It rained.", ["‘We’re fightin’ and losin’ badly,’"]),
        ("In the late ‘90s the workers’ union and the ‘burbs’ mayors met. 'Tis the shops' season.", []),
        ("Al-‘Arabi held the rebels’ towns.", []),
        ("She said ''never again'' and left. ''", ["''never again''"]),
    ],
)
def test_quoted_stretches(text, expected):
    assert quoted(text) == expected


@pytest.mark.parametrize("mark", ["“", '"'])
def test_a_quotation_continues_over_paragraphs_that_open_with_its_mark(mark):
    close = "”" if mark == "“" else '"'
    text = f"He said: {mark}One.\n\n{mark}Two goes on. And on.\n\n{mark}Three ends.{close} Then he left."
    assert quoted(text) == [f"{mark}One.", f"{mark}Two goes on. And on.", f"{mark}Three ends.{close}"]


@pytest.mark.parametrize("mark", ["‘", "'"])
def test_single_marks_continue_over_paragraphs_too(mark):
    """An opening one has no closer in its paragraph, as an apostrophe has none."""
    close = "’" if mark == "‘" else "'"
    text = f"He said: {mark}It is one.\n\n{mark}Two goes on. And on.\n\n{mark}Three ends.{close} Then he left."
    assert quoted(text) == [f"{mark}It is one.", f"{mark}Two goes on. And on.", f"{mark}Three ends.{close}"]
    assert quoted(f"They met in the {mark}burbs.\n\nIt rained.") == []


def test_a_nested_quotation_ends_none_that_goes_on_in_the_next_paragraph():
    text = "“He told me “no” and left.\n\n“It rained.” She left."
    assert quoted(text) == ["“He told me “no” and left.", "“It rained.”"]


def test_a_run_of_marks_takes_no_time():
    assert len(quoted("“ a" * 20_000)) <= 6


def test_a_lost_mark_does_not_colour_the_next_paragraph():
    text = "“It was lost, he said.\n\nThe next paragraph is the writer’s."
    assert quoted(text) == ["“It was lost, he said."]


def test_voice_of_each_sentence_and_the_mark_restored():
    text = "“We fled. We lost it all,” she said. “It is over.” He nodded."
    regions = quoted_regions(text)
    told = [
        (voice_of(text, start, end, regions), open_mark(text, start, regions)) for start, end in split_sentences(text)
    ]
    assert told == [(Voice.QUOTED, ""), (Voice.MIXED, "“"), (Voice.QUOTED, ""), (Voice.WRITER, "")]


def test_punctuation_outside_the_marks_leaves_a_sentence_quoted():
    text = "‘It is over’."
    assert voice_of(text, 0, len(text), quoted_regions(text)) is Voice.QUOTED


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab s.\n“”„«»\"‘’'é🙂 ", max_size=120))
def test_regions_are_ascending_disjoint_and_within_the_text(text):
    at = 0
    for start, end in quoted_regions(text):
        assert at <= start < end <= len(text)
        at = end
