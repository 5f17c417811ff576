"""Mailings: emails to many attendees, and the attendees whom no email reaches."""
