"""Engines that run the network: one call, token ids in, logits out."""
