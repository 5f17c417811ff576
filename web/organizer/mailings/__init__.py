"""Mailings to an event's attendees, and calls to those whom no email reaches."""
