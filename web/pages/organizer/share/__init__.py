"""What an organizer gives out: texts and pictures to paste, short links that are counted, posters."""

from web.pages.organizer.share import page, papers

BLUEPRINTS = (page.pages, papers.pages)
