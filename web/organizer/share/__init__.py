"""What spreads the word of an event: texts, pictures, posters and counted links."""
