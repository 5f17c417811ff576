"""The doors: passes and phones, scans and what they add up to, and the event while it happens."""
