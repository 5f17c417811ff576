"""What the HTTP server loads."""

from shared import logs
from shared.config import read_settings
from web.app import create_app

settings = read_settings()
logs.configure(settings)
app = create_app(settings)
