"""From labelled corpora to a checkpoint."""
