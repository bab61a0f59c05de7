"""Fixtures for every room: a tiny random model for logic, the shipped checkpoint for behaviour."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("untimed", deadline=None)  # a busy machine fails no test
settings.load_profile("untimed")
sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))  # its stand-in scorer and fuzz targets

VOCABULARY = (
    "[PAD] [UNK] [CLS] [SEP] [MASK] . , ! ? ; : ' ’ ‘ “ ” \" - ( ) the a of in was is and to he she it they said "
    "minister mayor council fire river storm vote report reported reportedly may might could alleged claimed "
    "alarming troubling staggering disgrace officials police sources unverified harbour town bridge "
    "##s ##ed ##ly ##ing a b c d e f g h i j k l m n o p q r s t u v w x y z 0 1 2 3 4 5 6 7 8 9 "
    "##a ##b ##c ##d ##e ##f ##g ##h ##i ##j ##k ##l ##m ##n ##o ##p ##q ##r ##t ##u ##v ##w ##x ##y ##z "
    "##0 ##1 ##2 ##3 ##4 ##5 ##6 ##7 ##8 ##9"
).split()


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Converted models go into a folder of the run, for commands in processes of their own too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REPORTEDLY_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def tiny_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint folder of a random two-layer model over a hand-made vocabulary, with a window of 32 tokens."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizer

    from reportedly.model.axes import AXES
    from reportedly.model.network import Network
    from reportedly.training.export import export

    torch.manual_seed(0)
    vocabulary = {word: index for index, word in enumerate(dict.fromkeys(VOCABULARY))}
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
        num_labels=len(AXES),
        initializer_range=0.5,
    )
    folder = tmp_path_factory.mktemp("checkpoint")
    half = dict.fromkeys(AXES, 0.5)
    export(
        Network(BertForSequenceClassification(config)),
        BertTokenizer(vocab=vocabulary),
        folder,
        thresholds=half,
        span_thresholds=half,
        chosen_on="nothing",
        calibrated_on="nothing",
        window=32,
    )
    return folder


@pytest.fixture(scope="session")
def shipped() -> Path:
    """The shipped checkpoint."""
    from reportedly.model.loading import SHIPPED

    if not (SHIPPED / "model.safetensors").is_file():
        pytest.skip("no checkpoint is shipped in this tree")
    return SHIPPED
