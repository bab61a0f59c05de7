import numpy as np
import pytest
from transformers import AutoTokenizer, RobertaConfig, RobertaForSequenceClassification

from reportedly.eval.corpus import Annotation, Corpus, Sentence
from reportedly.eval.erasure import random_words, without
from reportedly.eval.predictors import BASELINES, checkpoint, huggingface, lexicon, wordlist
from reportedly.eval.readers import open_corpus
from reportedly.model.axes import AXES, Axis
from reportedly.model.scorer import Scorer


@pytest.fixture
def train(corpora):
    return open_corpus("invented", "train")


@pytest.mark.parametrize("name", BASELINES)
def test_baselines_predict_every_sentence_alike_each_time(name, train, corpus):
    predicted = BASELINES[name](train, corpus)
    assert len(predicted.rows) == len(corpus.sentences)
    assert all(0 <= score <= 1 for row in predicted.rows for score in row.scores.values())
    assert BASELINES[name](train, corpus) == predicted


def test_majority_gives_the_rate_of_training(train, corpus):
    rate = np.mean([sentence.gold.grades[Axis.HEDGING] > 0 for sentence in train.sentences])
    assert BASELINES["majority"](train, corpus).rows[0].scores[Axis.HEDGING] == pytest.approx(rate)


def test_wordlist_tells_voices_by_quotation_marks(train, corpus):
    predicted = wordlist.predict(train, corpus)
    row = next(row for row, sentence in enumerate(corpus.sentences) if corpus.text(sentence).startswith("“This is"))
    found = predicted.rows[row]
    document = corpus.documents[corpus.sentences[row].document]
    assert [document[start:end] for start, end in found.evidence[Axis.EMOTIVE_QUOTED]] == ["disgrace"]
    assert found.evidence[Axis.EMOTIVE] == ()
    assert found.scores[Axis.EMOTIVE_QUOTED] >= predicted.thresholds[Axis.EMOTIVE_QUOTED]
    assert found.scores[Axis.EMOTIVE] < predicted.thresholds[Axis.EMOTIVE]


def test_the_lexicon_scores_a_sentence_by_its_most_precise_cue():
    def corpus(split, *rows):
        """Each row is a text, its hedging grade and the cue that shows it."""
        sentences = tuple(
            Sentence(
                id=str(number),
                document=str(number),
                article=str(number),
                start=0,
                end=len(text),
                gold=Annotation(
                    {Axis.HEDGING: int(bool(cue))},
                    {Axis.HEDGING: ((text.index(cue), text.index(cue) + len(cue)),) if cue else ()},
                ),
            )
            for number, (text, cue) in enumerate(rows)
        )
        return Corpus("made", split, {str(number): text for number, (text, _) in enumerate(rows)}, sentences)

    # "may" is marked in 6 of its 8 sentences, "it seems" in 2 of 2; "May" is met whatever its case
    train = corpus(
        "train",
        *[(f"they may go to town {number}", "may") for number in range(6)],
        *[(f"it starts on {number} May", "") for number in range(2)],
        *[(f"so it seems {number}", "it seems") for number in range(2)],
        *[(f"the road is shut {number}", "") for number in range(6)],
    )
    test = corpus("test", ("in May they leave", ""), ("it seems they may", ""), ("they left", ""))
    predicted = lexicon.predict(train, test)
    assert [row.scores[Axis.HEDGING] for row in predicted.rows] == [6 / 8, 1.0, 0.0]


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("hedging", "He MAY\n have left, maybe.", ["MAY\n have", "maybe"]),
        ("hedging", "A mayor; dismay", []),
        ("emotive", "A savagely worded note", ["savagely"]),
        ("unverified", "on condition of anonymity", ["condition of anonymity"]),
    ],
)
def test_cues_are_whole_words(name, text, found):
    assert wordlist.cue_pattern(name).findall(text) == found


def test_without_closes_the_gap():
    assert without("A  b c.", [(3, 4)]) == "A c."
    assert without("It may, perhaps, rain.", [(3, 6), (8, 15)]) == "It , , rain."


def test_random_words_leave_the_evidence_alone():
    text = "It may well rain today."
    rng = np.random.default_rng(0)
    for _ in range(20):
        (first, second) = random_words(text, ((3, 11),), rng)
        assert {text[slice(*first)], text[slice(*second)]} <= {"It", "rain", "today"}
    assert random_words("It may.", ((0, 6),), rng) is None


def test_checkpoint_scores_in_context_at_the_offsets_of_the_corpus(tiny_checkpoint, corpus):
    scorer = Scorer.from_pretrained(tiny_checkpoint)
    predicted = checkpoint.predict(scorer, corpus, seed=3)
    # every document is cut at the corpus's own offsets, which are also those of the splitter here
    whole = {name: scorer.document(text) for name, text in corpus.documents.items()}
    for sentence, row in zip(corpus.sentences, predicted.rows, strict=True):
        (same,) = [s for s in whole[sentence.document].sentences if (s.start, s.end) == (sentence.start, sentence.end)]
        assert row.scores == pytest.approx(same.scores, abs=1e-5)
        for axis, spans in row.evidence.items():
            assert [(span.start, span.end) for span in same.evidence if span.axis is axis] == list(spans)
    assert any(row.erasure for row in predicted.rows)
    again = checkpoint.predict(scorer, corpus, seed=3)
    assert again == predicted


def test_erasure_scores_the_shortened_sentence(tiny_checkpoint, corpus):
    scorer = Scorer.from_pretrained(tiny_checkpoint)
    predicted = checkpoint.predict(scorer, corpus)
    for sentence, row in zip(corpus.sentences, predicted.rows, strict=True):
        for axis, pair in row.erasure.items():
            within = [(start - sentence.start, end - sentence.start) for start, end in row.evidence[axis]]
            shortened = without(corpus.text(sentence), within)
            assert pair.evidence == pytest.approx(scorer(shortened).scores[axis], abs=1e-5)


def test_huggingface_gives_the_scores_of_the_checkpoint(tiny_checkpoint, corpus):
    scorer = Scorer.from_pretrained(tiny_checkpoint)
    labels = huggingface.parse_label_map("hedging=hedging, emotive=emotive")
    predicted = huggingface.predict(str(tiny_checkpoint), labels, corpus)
    assert [*predicted.rows[0].scores] == [Axis.HEDGING, Axis.EMOTIVE]
    for sentence, row in zip(corpus.sentences, predicted.rows, strict=True):
        if len(corpus.text(sentence)) < 30:
            alone = scorer(corpus.text(sentence)).scores
            assert row.scores == pytest.approx({axis: alone[axis] for axis in row.scores}, abs=1e-4)


def roberta(tokenizer, **options):
    size = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    return RobertaConfig(vocab_size=len(tokenizer), **size, **options)


@pytest.mark.parametrize("padding", [0, 1])
def test_huggingface_reads_as_many_tokens_as_the_network_has_positions_for(tmp_path, tiny_checkpoint, padding):
    # regression: RoBERTa's positions begin behind that of the padding, and a long sentence ended the evaluation
    tokenizer = AutoTokenizer.from_pretrained(tiny_checkpoint, model_max_length=int(1e30))
    config = roberta(tokenizer, max_position_embeddings=20, pad_token_id=padding)
    RobertaForSequenceClassification(config).save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    text = "the river " * 30
    corpus = Corpus("mine", "all", {"1": text}, (Sentence("1", "1", "1", 0, len(text), Annotation({})),))
    (note,) = huggingface.predict(str(tmp_path), [("LABEL_1", Axis.EMOTIVE)], corpus).notes
    assert note == f"1 of 1 sentences were cut at {20 - padding - 1} tokens"


def test_labels_of_other_models_may_share_an_axis_and_axes_a_label(tmp_path, tiny_checkpoint):
    """Sigmoids of a multi-label model do not add up: two of .5 are no certainty."""
    tokenizer = AutoTokenizer.from_pretrained(tiny_checkpoint)
    config = roberta(tokenizer, max_position_embeddings=40, id2label={0: "anger", 1: "disgust"})
    tokenizer.save_pretrained(tmp_path)
    corpus = Corpus("mine", "all", {"1": "the river"}, (Sentence("1", "1", "1", 0, 9, Annotation({})),))
    labels = huggingface.parse_label_map("anger=emotive, disgust=emotive, anger=emotive_quoted")
    scores = {}
    for kind in ("multi_label_classification", "single_label_classification"):
        config.problem_type = kind
        RobertaForSequenceClassification(config).save_pretrained(tmp_path)
        [row] = huggingface.predict(str(tmp_path), labels, corpus).rows
        scores[kind] = row.scores
    assert scores["multi_label_classification"][Axis.EMOTIVE] < 0.7
    assert scores["single_label_classification"][Axis.EMOTIVE] == pytest.approx(1.0)
    assert 0 < scores["single_label_classification"][Axis.EMOTIVE_QUOTED] < 1
    config.problem_type = "regression"
    config.save_pretrained(tmp_path)
    with pytest.raises(huggingface.LabelMapError, match="is a regression model"):
        huggingface.predict(str(tmp_path), labels, corpus)


def test_label_map_errors(tiny_checkpoint, corpus):
    with pytest.raises(huggingface.LabelMapError, match=f"the axis one of {AXES[0]}"):
        huggingface.parse_label_map("LABEL_1=bias")
    with pytest.raises(huggingface.LabelMapError, match="it has hedging"):
        huggingface.predict(str(tiny_checkpoint), [("LABEL_9", Axis.HEDGING)], corpus)
