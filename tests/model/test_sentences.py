import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reportedly.model.sentences import split_sentences


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in split_sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \n\n\t", []),
        ("One.", ["One."]),
        (
            "“We fled. We lost everything,” she said. It rained.",
            ["“We fled.", "We lost everything,” she said.", "It rained."],
        ),
        (
            "The vote is at 3 p.m. Tuesday in court. He left at 5 p.m. The vote passed.",
            ["The vote is at 3 p.m. Tuesday in court.", "He left at 5 p.m.", "The vote passed."],
        ),
        (
            "Sen. Mara Okell, D-N. Y., said so. Gov. Lee spoke.",
            ["Sen. Mara Okell, D-N. Y., said so.", "Gov. Lee spoke."],
        ),
        (
            "“Are you OK?” he asked. “Run!” John said. Then he left.",
            ["“Are you OK?” he asked.", "“Run!” John said.", "Then he left."],
        ),
        ('It was over. "We won. We did it." Then rain.', ["It was over.", '"We won.', 'We did it."', "Then rain."]),
        ("(He denied it.) They left.", ["(He denied it.)", "They left."]),
        (
            "Storm hits coast\nA storm hit Marrow.\nIt passed.",
            ["Storm hits coast", "A storm hit Marrow.", "It passed."],
        ),
        (
            "'We don't know why they came. We're not told. It's a disgrace,' said Ann Lee.",
            ["'We don't know why they came.", "We're not told.", "It's a disgrace,' said Ann Lee."],
        ),
        (
            "Mr. Will Osei met Dr. So. The firm (est. 1922) closed.",
            ["Mr. Will Osei met Dr. So.", "The firm (est. 1922) closed."],
        ),
        ("- first item\n- second item", ["- first item", "- second item"]),
        ("14:32 Police are on site. 14:40 More to come!", ["14:32 Police are on site.", "14:40 More to come!"]),
        (
            "Prices rose 3.5 percent to $4.20. The U.S. Army said so.",
            ["Prices rose 3.5 percent to $4.20.", "The U.S. Army said so."],
        ),
        (
            "She told me. Hale fell ill. Lund left in May. Poole said no. See no. 5 and sec. IV there.",
            ["She told me.", "Hale fell ill.", "Lund left in May.", "Poole said no.", "See no. 5 and sec. IV there."],
        ),
        (
            "“He lied to me.” Police came. “No.” Mayor Hale left.",
            ["“He lied to me.”", "Police came.", "“No.”", "Mayor Hale left."],
        ),
        (
            "Halm (HLM.N) fell. Varley.Com rose. He left.She stayed.",
            ["Halm (HLM.N) fell.", "Varley.Com rose.", "He left.", "She stayed."],
        ),
        (
            "In 2019 then-Gov. Lund met Govs. Hale and Finn—Dr. Finn—in Ft. Worth. 'Rep. Poole left,' he said.",
            ["In 2019 then-Gov. Lund met Govs. Hale and Finn—Dr. Finn—in Ft. Worth.", "'Rep. Poole left,' he said."],
        ),
        (
            "‘Is this the end?’, asked one. “Go!” – and they went. “Never!”; it was over. “Go!” She left.",
            [
                "‘Is this the end?’, asked one.",
                "“Go!” – and they went.",
                "“Never!”; it was over.",
                "“Go!”",
                "She left.",
            ],
        ),
        (
            "1. The vote is on Monday.\n\nII. Lund may resign. He is ill.",
            ["1. The vote is on Monday.", "II. Lund may resign.", "He is ill."],
        ),
    ],
)
def test_where_sentences_end(text, expected):
    assert sentences(text) == expected


def test_a_name_that_ends_like_a_title_ends_a_sentence():
    # regression: the surname Ashgrove-Sen was taken for the title Sen.
    assert sentences('It works, said Ludo Ashgrove-Sen. "This week it does."') == [
        "It works, said Ludo Ashgrove-Sen.",
        '"This week it does."',
    ]


@pytest.mark.parametrize("blank", "\x85\xa0\u2009\u2028\u202f\u3000")
def test_a_blank_before_a_full_stop_ends_no_job(blank):
    """Found by fuzzing: sentencex panicked over a lone capital, a white space beyond ASCII and a full stop."""
    text = f"They had no plan B{blank}. It rained."
    assert sentences(text) == [text[:20], "It rained."]


@pytest.mark.parametrize("blank", "\xa0\u202f\u3000")
def test_no_blank_splits_otherwise_than_a_space(blank):
    text = "“We fled, Mr. Renn. We lost it all,” said A. B. Dunmore of St. Mary at 4 p.m. on Tuesday. It rained."
    assert split_sentences(text.replace(" ", blank)) == split_sentences(text)


def test_hard_wrapped_lines_are_joined():
    text = "The council met on Monday to vote on a plan that\n"
    text += "had been put off since the spring. The plan passed by\n5 votes."
    assert sentences(text) == [text[:83], text[84:]]
    assert text[83] == " "


@settings(max_examples=300, deadline=None)
@given(
    st.text(
        alphabet=st.one_of(st.sampled_from("aB .!?\n\r\t“”‘’\"'()-–\xa0\x85\u3000\u2029\ud800\0é🙂"), st.characters()),
        max_size=200,
    )
)
def test_sentences_and_gaps_rebuild_the_document(text):
    rebuilt, at = "", 0
    for start, end in split_sentences(text):
        assert at <= start < end
        gap, sentence = text[at:start], text[start:end]
        assert not gap.strip()
        assert sentence == sentence.strip()
        rebuilt, at = rebuilt + gap + sentence, end
    assert not text[at:].strip()
    assert rebuilt + text[at:] == text


def test_windows_line_ends_split_as_others_do():
    # regression: one CRLF was taken for a blank line, so that wrapped text was cut at every line
    wrapped = (
        "The storm that came in from the west on Sunday night has left the whole of\n"
        "Marrow Bay without power. “We have never seen the like,” said the harbour\n"
        "master.\n\nThe ferry will not run."
    )
    found = [wrapped[start:end] for start, end in split_sentences(wrapped)]
    assert len(found) == 3
    windows = wrapped.replace("\n", "\r\n")
    assert [windows[start:end].replace("\r\n", "\n") for start, end in split_sentences(windows)] == found


@pytest.mark.parametrize(
    "text",
    [
        "Dam fails at Tarnley, thousands flee\nMinister under pressure to resign\n\nIt rained.",
        "Minister of Trade resigns after auditor finds fraud\nBy Jane Osei, political editor\n\nIt rained.",
        "Lund quits as mayor\nby Jane Osei\n\nIt rained.",
        "Storm may close all ports by noon, forecasters say\nMayor quits over the loss of a ferry to Marrow",
        "14:32 Explosions were heard in the west of the town this afternoon\n14:40 The area is closed.",
    ],
)
def test_lines_of_a_list_are_not_joined(text):
    # regression: the widest line of a block was taken for a full one, and joined to the next
    assert sentences(text) == text.replace("\n\n", "\n").split("\n")


@pytest.mark.parametrize("end", ["city of\nWashington to speak.", "night to\nHeathrow."])
def test_a_line_that_ends_in_a_word_such_as_of_goes_on(end):
    text = f"The ministers of all eleven states flew on Sunday {end}"
    assert sentences(text) == [text]


def test_a_short_paragraph_is_wrapped_where_the_others_are():
    text = "The council met on Monday to vote on a plan that\n"
    text += "had been put off since the spring. It passed by one vote.\n\n"
    text += "The next to speak for the opposition was a certain Mr\nDunmore."
    assert len(sentences(text)) == 3


@pytest.mark.parametrize(
    "text",
    [
        "He spoke to Rep. Ann Lee (D-Calif.).| Others left.",
        "The board said no.| The council will meet.",
        "She lives at No. 7, Mill Lane.| It rained.",
        "Wait... !!!| What now?",
    ],
)
def test_a_full_stop_alone_is_no_sentence_and_no_is_a_number_before_one(text):
    parts = text.split("|")
    joined = "".join(parts)
    assert [joined[start:end] for start, end in split_sentences(joined)] == [part.strip() for part in parts]
