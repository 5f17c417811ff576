"""Reports: the ledger, the figures computed from it, and what is compared."""
