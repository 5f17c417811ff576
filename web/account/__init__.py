"""Accounts of organizers: signing in, links by email, the account's page, and how an account is created."""
