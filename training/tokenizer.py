"""The encoder's tokenizer, taught that a quotation mark has a direction."""

from tokenizers import Regex
from tokenizers.normalizers import Replace, Sequence
from transformers import AutoTokenizer, PreTrainedTokenizerBase, PreTrainedTokenizerFast

from .encoder import loads

# The pre-tokenizer drops blanks, and with them the direction of a straight mark: in `a "b" c "d" e` nothing tells
# what is quoted. Each mark that shows its direction by its neighbours is therefore read as the curly one.
# The order matters: an apostrophe within a word is not a closing mark, and what is no opening mark closes.
_DIRECTED = (
    ("``", "“"),
    ("''", "”"),
    (r"(?<=\w)’(?=\w)", "'"),
    (r'(?<=^|[\s(\[{—–‘/-])"(?=\S)', "“"),
    (r'(?<=\S)"', "”"),
    (r"(?<=^|[\s(\[{—–“/-])'(?=\w)", "‘"),
    (r"(?<=[\w.,!?])'(?!\w)", "’"),
)


def load_tokenizer(encoder: str) -> PreTrainedTokenizerBase:
    """Load an encoder's tokenizer and put the direction of quotation marks in front of its own normalisation.

    It is given as the generic fast tokenizer, since the class of the encoder's own would put its own normalisation
    back in place when a checkpoint is loaded. Offsets still point into the text as it was given.

    Raises
    ------
    ConfigError
        Where there is no such encoder.
    """
    with loads(encoder):
        own = AutoTokenizer.from_pretrained(encoder)
    backend = own.backend_tokenizer
    steps = [Replace(Regex(mark), curly) for mark, curly in _DIRECTED]
    backend.normalizer = Sequence([*steps, backend.normalizer] if backend.normalizer else steps)
    return PreTrainedTokenizerFast(
        tokenizer_object=backend, model_max_length=own.model_max_length, **own.special_tokens_map
    )
