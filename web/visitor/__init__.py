"""The pages of visitors, attendees and volunteers: events, registration, tickets, and the scanner's page."""
