"""Making an event: the draft, its parts one by one, its preview, and what becomes of it."""

from web.pages.organizer.editor import drafts, parts, pictures, preview, rows, states

BLUEPRINTS = (drafts.pages, parts.pages, pictures.pages, preview.pages, rows.pages, states.pages)
