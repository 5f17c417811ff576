"""Accounts of members: signing in, the second factor, and the members of an organization."""
