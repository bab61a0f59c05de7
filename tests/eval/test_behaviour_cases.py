"""The format of the cases and what stands in those that ship."""

import re
from collections import Counter
from pathlib import Path

import pytest

from reportedly.eval.behaviour import BehaviourError, Expectation, Kind, load_cases
from reportedly.model.axes import AXES, Axis

GROUP = """
kind: {kind}
entities: {{faith: [Hindu, Sikh], gender: [{{noun: man, subject: he}}, {{noun: woman, subject: she}}]}}
groups:
  - group: A group, of cases
    reason: Because.
    {fields}
"""


def written(folder: Path, fields: str, kind: str = "minimum") -> Path:
    text = GROUP.format(kind=kind, fields="\n    ".join(fields.strip().splitlines()))
    (folder / "some.yaml").write_text(text, encoding="utf-8")
    return folder


def test_a_case_inherits_from_its_group_and_may_differ(tmp_path):
    first, second = load_cases(
        written(
            tmp_path,
            "expect: {present: [hedging], absent: others}\n"
            "cases: [It may rain., {text: 'It rains.', expect: {absent: all}, reason: Plain.}]",
        )
    )
    assert (first.id, second.id) == ("some/a-group-of-cases/1", "some/a-group-of-cases/2")
    assert first.expect == {
        Expectation.PRESENT: (Axis.HEDGING,),
        Expectation.ABSENT: (Axis.EMOTIVE, Axis.EMOTIVE_QUOTED, Axis.UNVERIFIED),
    }
    assert second.expect == {Expectation.ABSENT: AXES}
    assert (first.reason, second.reason) == ("Because.", "Plain.")


def test_each_makes_one_case_for_a_row_and_braces_stand_elsewhere(tmp_path):
    fields = "expect: {raises: [hedging]}\neach: [{cue: may}, {cue: might}]\ncases: [[It rains., 'It {cue} rain.']]"
    cases = load_cases(written(tmp_path, fields, "direction"))
    assert [case.texts for case in cases] == [("It rains.", "It may rain."), ("It rains.", "It might rain.")]
    (plain,) = load_cases(written(tmp_path, "expect: {absent: all}\ncases: ['A {set} of keys.']"))
    assert plain.texts == ("A {set} of keys.",)


def test_swap_makes_one_case_of_all_rows(tmp_path):
    fields = "expect: {same: all}\nswap: gender\ncases: ['{subject} sat.', 'A {noun} sat.']"
    pronoun, noun = load_cases(written(tmp_path, fields, "invariance"))
    assert pronoun.texts == ("He sat.", "She sat.")
    assert noun.texts == ("A man sat.", "A woman sat.")
    assert (noun.attribute, noun.variants) == ("gender", ("man", "woman"))
    (simple,) = load_cases(
        written(tmp_path, "expect: {same: all}\nswap: faith\ncases: ['A {faith} family.']", "invariance")
    )
    assert simple.texts == ("A Hindu family.", "A Sikh family.")


@pytest.mark.parametrize(
    ("rewrite", "rewritten"),
    [("straight quotes", "\"She's 'here'.\""), ("lower first letter", "“she’s ‘here’.”")],
)
def test_rewrite_makes_the_second_text(tmp_path, rewrite, rewritten):
    fields = f"expect: {{same: all}}\nrewrite: {rewrite}\ntolerance: 0.1\ncases: [“She’s ‘here’.”]"
    (case,) = load_cases(written(tmp_path, fields, "invariance"))
    assert case.texts == ("“She’s ‘here’.”", rewritten)
    assert case.tolerance == 0.1


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ("cases: [A.]", "field 'expect' is missing"),
        ("expect: {present: [hedging]}\ncases: [A.]\ncolour: red", "unknown field 'colour'"),
        ("expect: {present: [hedge]}\ncases: [A.]", "'hedge' is none of hedging, emotive"),
        ("expect: {flagged: [hedging]}\ncases: [A.]", "'flagged' is none of present, absent"),
        ("expect: {present: hedging}\ncases: [A.]", "must be a list of axes, all, or others"),
        ("expect: {raises: [hedging]}\ncases: [A.]", "raises needs 2 text"),
        ("expect: {same: all}\ncases: [A.]", "same needs at least 2 text"),
        ("expect: {moves: [emotive]}\ncases: [[A., B.]]", "moves needs two axes"),
        ("expect: {present: [hedging], absent: [hedging]}\ncases: [A.]", "names an axis twice"),
        ("expect: {absent: all}\ncases: [12]", "case 1: field text must be a string"),
        ("expect: {absent: all}\ncases: [A., {txt: B.}]", "case 2: unknown field 'txt'"),
        ("expect: {same: all}\nswap: planet\ncases: ['{planet}.']", "'planet' is not among the file's entities"),
        ("expect: {same: all}\nswap: faith\ncases: ['{creed}.']", "cannot be filled from {'faith': 'Hindu'}"),
        ("expect: {same: all}\nswap: faith\ncases: [['{faith}.', B.]]", "give one text"),
        ("expect: {same: all}\nrewrite: shout\ncases: [A.]", "'shout' is none of straight quotes"),
        ("expect: {same: all}\nrewrite: shout\nswap: faith\ncases: [A.]", "exclude each other"),
    ],
)
def test_a_faulty_file_is_named_with_its_group_and_field(tmp_path, fields, message):
    with pytest.raises(BehaviourError, match=re.escape(message)) as raised:
        load_cases(written(tmp_path, fields))
    assert "some.yaml" in str(raised.value)


@pytest.mark.parametrize("text", ["kind: minimum\ngroups: [", "- a list", "kind: sundry\ngroups: []"])
def test_a_file_that_holds_no_cases_is_named(tmp_path, text):
    (tmp_path / "some.yaml").write_text(text)
    with pytest.raises(BehaviourError, match=r"some\.yaml"):
        load_cases(tmp_path)


def test_a_folder_without_cases_is_an_error(tmp_path):
    with pytest.raises(BehaviourError, match="holds no"):
        load_cases(tmp_path)


class TestShipped:
    cases = load_cases()

    def test_they_are_many_of_every_kind_and_expectation(self):
        kinds = Counter(case.kind for case in self.cases)
        assert len(self.cases) >= 450
        assert min(kinds[kind] for kind in Kind) >= 100
        asked = Counter((one, axis) for case in self.cases for one, axes in case.expect.items() for axis in axes)
        for axis in AXES:
            assert min(asked[one, axis] for one in (Expectation.PRESENT, Expectation.ABSENT, Expectation.SAME)) >= 40
        assert asked[Expectation.MOVES, Axis.EMOTIVE] >= 60

    def test_kinds_and_expectations_agree(self):
        asked = {
            Kind.MINIMUM: {Expectation.PRESENT, Expectation.ABSENT},
            Kind.INVARIANCE: {Expectation.SAME},
            Kind.DIRECTION: {Expectation.RAISES, Expectation.LOWERS, Expectation.MOVES},
        }
        assert all(set(case.expect) <= asked[case.kind] for case in self.cases)

    def test_ids_and_texts_are_distinct(self):
        assert len({case.id for case in self.cases}) == len(self.cases)
        assert len({case.texts for case in self.cases}) == len(self.cases)
        for case in self.cases:
            assert len(set(case.texts)) == len(case.texts), case.id

    def test_no_text_is_asked_for_opposite_answers(self):
        present: dict[str, set[Axis]] = {}
        absent: dict[str, set[Axis]] = {}
        for case in self.cases:
            before, after = case.texts[0], case.texts[-1]
            present.setdefault(after, set()).update(case.expect.get(Expectation.PRESENT, ()))
            absent.setdefault(after, set()).update(case.expect.get(Expectation.ABSENT, ()))
            if Expectation.MOVES in case.expect:
                source, target = case.expect[Expectation.MOVES]
                for text, flagged, unflagged in ((before, source, target), (after, target, source)):
                    present.setdefault(text, set()).add(flagged)
                    absent.setdefault(text, set()).add(unflagged)
        assert {text: axes & absent[text] for text, axes in present.items() if axes & absent.get(text, set())} == {}

    def test_every_placeholder_is_filled_and_every_line_is_clean(self):
        for case in self.cases:
            for text in case.texts:
                assert not re.search(r"[{}]|\s\s|^\s|\s$", text), text

    def test_quotation_marks_are_paired(self):
        for case in self.cases:
            for text in case.texts:
                assert text.count("“") == text.count("”"), text
                assert text.count('"') % 2 == 0, text

    def test_articles_fit_their_nouns(self):
        for case in self.cases:
            for text in case.texts:
                assert not re.search(r"\b[Aa] (?=[aeio])(?!onc?e\b)|\b[Aa]n (?=[bcdfgjklmnpqrstvwxyz])", text), text

    def test_the_order_is_always_the_same(self):
        assert load_cases() == self.cases
