"""Ticks: each finds its own work in the database, takes no arguments, and opens the transactions around it."""
