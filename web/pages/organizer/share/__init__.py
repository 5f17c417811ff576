"""The share kit: texts and pictures to paste, counted short links, and posters."""

from web.pages.organizer.share import page, papers

BLUEPRINTS = (page.pages, papers.pages)
