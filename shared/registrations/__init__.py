"""Registrations: seats, the waiting list, and what attendees and organizers do with them."""
