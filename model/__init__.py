"""From a document to scores: sentences, voice, network, evidence."""
