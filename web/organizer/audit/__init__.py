"""Activity: who did what."""
