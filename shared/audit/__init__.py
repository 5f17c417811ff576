"""Activity: what members did, recorded and read."""
