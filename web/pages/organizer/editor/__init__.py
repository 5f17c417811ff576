"""Making an event: the draft, its parts one by one, its preview, and what becomes of it."""

from web.pages.organizer.editor import drafts, pictures, preview, rows, sections, states

BLUEPRINTS = (drafts.pages, sections.pages, pictures.pages, preview.pages, rows.pages, states.pages)
