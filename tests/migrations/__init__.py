"""Dumps of earlier versions, each with the demo and a little life in it; `dump.py` makes them."""
