"""The languages, a folder each, and `python -m shared.locale update | check | prune` that keeps them complete."""
