"""How well the scores hold: labelled corpora, predictions, measures, and the report that shows them."""
