import json
from pathlib import Path

import pytest

from reportedly import Scorer
from reportedly.model.language import language_of

ARTICLES = Path(__file__).parents[2] / "eval" / "corpora" / "invented" / "articles.jsonl"
ENGLISH = "The city council of Halmstede approved a new bridge on Tuesday evening, the mayor said. "
GERMAN = "Der Stadtrat von Hellwangen hat am Dienstagabend dem Bau einer neuen Brücke zugestimmt. "


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("nl", "De gemeenteraad van Oosterveen heeft dinsdag ingestemd met de bouw van een nieuwe brug."),
        ("af", "Die munisipaliteit van Rietfontein het Dinsdag besluit om die nuwe damwal te bou."),
        ("de", GERMAN),
        ("id", "Kebakaran terjadi di sebuah gudang di pelabuhan pada malam hari. Penyebabnya belum diketahui."),
        ("fr", "Le conseil municipal de Saint-Aubrac a approuvé mardi soir la construction d'un nouveau pont."),
        ("es", "El ayuntamiento de Villarreal del Monte aprobó el martes la construcción de un nuevo puente."),
        ("hr", "Gradsko vijeće Zelenog Polja odobrilo je u utorak navečer gradnju novog mosta preko rijeke."),
        ("ru", "Городской совет Зелёного Мыса во вторник одобрил строительство нового моста."),
        ("ar", "وافق مجلس المدينة مساء الثلاثاء على بناء جسر جديد فوق النهر بحسب رئيسة البلدية."),
        ("zh", "市议会周二晚批准在河上修建一座新桥。市长李文华表示，该项目将耗资四千万元。"),
        ("pcm", "Fire service pipol tok say nobody injure, but dem neva sabi wetin cause am for di port."),
        ("en", ENGLISH),
        ("en", "FIRE DESTROYS THREE WAREHOUSES IN THE HARBOUR AS THE MAYOR VOWS AN INQUIRY"),
        (
            "en",
            "“No vamos a cerrar,” Marta Ibáñez told reporters, adding that the parents would meet the council again.",
        ),
    ],
)
def test_a_sentence_tells_its_language(language, text):
    assert language_of(text) == language


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n",
        "12/04/2031 17:45 — 2,000 1,500 800",
        "Mayor quits",
        "Bundesrat meets",
        "Zverekov beats Kuznetsova-Popova 6-4 6-3 in Doha final",
        "Björn Ståhl, Åsa Lindqvist and Käthe Müller-Würzburg joined Real Sociedad.",
        "\0\ud800 🙂",
        "x" * 500,
        "1" * 5_000,
    ],
)
def test_what_is_short_or_no_prose_is_undecided(text):
    assert language_of(text) in (None, "en")


def test_no_invented_article_and_none_of_its_lines_is_taken_for_foreign():
    texts = [json.loads(line)["text"] for line in ARTICLES.read_text(encoding="utf-8").splitlines()]
    assert {language_of(text) for text in texts} == {"en"}
    lines = [line for text in texts for line in text.splitlines()]
    assert {language_of(line) for line in lines} == {"en", None}


def test_a_long_text_is_judged_from_its_beginning_to_its_end():
    assert language_of(ENGLISH + GERMAN * 100) == "de"
    assert language_of(GERMAN + ENGLISH * 100) == "en"
    assert language_of(ENGLISH * 20 + GERMAN * 20) is None


def test_sentences_have_the_language_of_their_document(tiny_checkpoint):
    scorer = Scorer.from_pretrained(tiny_checkpoint)
    german, english, short = scorer.documents([GERMAN * 3 + "Ja.", ENGLISH, "Fire!"])
    assert [(document.language, document.foreign) for document in (german, english, short)] == [
        ("de", True),
        ("en", False),
        (None, False),
    ]
    assert {sentence.language for sentence in german.sentences} == {"de"}
    assert german.to_dict()["language"] == "de"
    assert [result.language for result in scorer([GERMAN, ENGLISH, "Fire!"])] == ["de", "en", None]
