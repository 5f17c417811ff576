"""The entry point for the HTTP server."""

from shared import logs
from shared.config import read_settings
from web import alive
from web.app import create_app

settings = read_settings()
logs.configure(settings)
app = create_app(settings)
if settings.turnout_alive:
    alive.plug_into(app)
    alive.answer_at(settings.turnout_alive)
