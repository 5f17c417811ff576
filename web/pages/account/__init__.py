"""Accounts of people who organize: signing in, what is mailed for it, the account itself, and how one comes to it."""

from web.pages.account import first_account, invitation, links, own_account, second_factor, sign_in

BLUEPRINTS = (first_account.pages, invitation.pages, links.pages, own_account.pages, second_factor.pages, sign_in.pages)
