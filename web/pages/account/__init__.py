"""Accounts of people who organize: signing in, what is mailed for it, the account itself, and how one comes to it."""

from web.pages.account import first, invitation, links, own, second_factor, sign_in

BLUEPRINTS = (first.pages, invitation.pages, links.pages, own.pages, second_factor.pages, sign_in.pages)
