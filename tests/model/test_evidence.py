from reportedly.model.evidence import ScoredWord, spans


def words(text: str, *scores: float) -> list[ScoredWord]:
    found, at = [], 0
    for piece, score in zip(text.split(), scores, strict=True):
        at = text.index(piece, at)
        found.append(ScoredWord(at, at + len(piece), score))
        at += len(piece)
    return found


def test_neighbours_join_and_the_strongest_word_counts():
    text = "they are believed to have fled"
    assert spans(text, words(text, 0.1, 0.6, 0.9, 0.7, 0.2, 0.1), 0.5) == [ScoredWord(5, 20, 0.9)]


def test_a_word_between_parts_two_spans():
    text = "shocking and vile"
    assert [text[span.start : span.end] for span in spans(text, words(text, 0.9, 0.1, 0.9), 0.5)] == [
        "shocking",
        "vile",
    ]


def test_a_hyphen_does_not_part_a_span():
    text = "so-called"
    found = [ScoredWord(0, 2, 0.9), ScoredWord(2, 3, 0.1), ScoredWord(3, 9, 0.8)]
    assert spans(text, found, 0.5) == [ScoredWord(0, 9, 0.9)]


def test_the_stop_of_an_initial_does_not_part_a_span():
    text = "unnamed U.S. officials"
    found = [ScoredWord(0, 7, 0.9), ScoredWord(8, 9, 0.8), ScoredWord(10, 11, 0.8), ScoredWord(13, 22, 0.7)]
    assert spans(text, found, 0.5) == [ScoredWord(0, 22, 0.9)]


def test_the_stop_of_a_sentence_parts_two_spans():
    text = "vile. cruel"
    found = [ScoredWord(0, 4, 0.9), ScoredWord(6, 11, 0.8)]
    assert spans(text, found, 0.5) == found


def test_the_strongest_word_stands_in_where_none_is_over_the_threshold():
    text = "a mild sneer"
    assert spans(text, words(text, 0.1, 0.2, 0.3), 0.5) == [ScoredWord(7, 12, 0.3)]


def test_punctuation_neither_opens_nor_closes_a_span():
    text = '" vile "'
    assert spans(text, words(text, 0.9, 0.8, 0.9), 0.5) == [ScoredWord(2, 6, 0.8)]
    assert spans('" "', words('" "', 0.9, 0.9), 0.5) == []
