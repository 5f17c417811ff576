"""Editing an event: the draft, its sections, its preview, and publishing, closing and cancelling it."""

from web.pages.organizer.editor import drafts, pictures, preview, rows, sections, states

BLUEPRINTS = (drafts.pages, sections.pages, pictures.pages, preview.pages, rows.pages, states.pages)
