"""Accounts of organizers: signing in, links by email, the account's page, and how an account is created."""

from web.pages.account import first_account, invitation, links, own_account, second_factor, sign_in

BLUEPRINTS = (first_account.pages, invitation.pages, links.pages, own_account.pages, second_factor.pages, sign_in.pages)
