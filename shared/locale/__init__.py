"""The catalogues, and `python -m shared.locale update | check | prune` that keeps them complete. Imports only Babel."""
