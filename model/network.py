"""The network: a standard sequence classifier and a span head, run in one forward pass."""

from pathlib import Path

from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import AutoConfig, AutoModelForSequenceClassification, PreTrainedModel

from .loading import SPAN_HEAD, WEIGHTS


class Network(nn.Module):
    """Sentence logits from the classifier, token logits from a linear head on its last hidden state.

    The classifier stays the plain ``AutoModelForSequenceClassification``, so that the checkpoint loads anywhere; the
    span head rides in a file of its own beside it.
    """

    def __init__(self, classifier: PreTrainedModel) -> None:
        super().__init__()
        self.classifier = classifier
        self.span_head = nn.Linear(classifier.config.hidden_size, classifier.config.num_labels)

    @classmethod
    def from_checkpoint(cls, path: Path) -> "Network":
        """Load a checkpoint folder in fp32, ready for inference. Nothing is fetched and no code in it is run."""
        # not from_pretrained, whose progress bar has no place in a library's loading
        config = AutoConfig.from_pretrained(path, local_files_only=True)
        network = cls(AutoModelForSequenceClassification.from_config(config))
        network.classifier.load_state_dict(load_file(path / WEIGHTS))
        network.load_span_head(path)
        return network.eval()

    def load_span_head(self, path: Path) -> None:
        """Read the span head that lies beside the classifier."""
        self.span_head.load_state_dict(load_file(path / SPAN_HEAD))

    def save_span_head(self, path: Path) -> None:
        """Write the span head beside the classifier, fp16."""
        save_file(
            {name: value.half().contiguous() for name, value in self.span_head.state_dict().items()}, path / SPAN_HEAD
        )

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, Tensor]:
        """Run both heads.

        Parameters
        ----------
        input_ids, attention_mask
            int64, shape (batch, tokens).

        Returns
        -------
        logits : shape (batch, labels)
        token_logits : shape (batch, tokens, labels)
        """
        logits, hidden = self.encode(input_ids, attention_mask)
        return logits, self.span_head(hidden)

    def encode(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, Tensor]:
        """Sentence logits, and the last hidden state of shape (batch, tokens, hidden) that other heads stand on."""
        output = self.classifier(input_ids=input_ids, attention_mask=attention_mask, output_hidden_states=True)
        return output.logits, output.hidden_states[-1]
