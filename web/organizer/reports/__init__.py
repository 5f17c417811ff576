"""Figures of an event: counts of registrations, live figures, the report, and the comparison of events."""
