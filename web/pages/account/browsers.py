"""What a browser calls itself, in a word or two that its owner knows."""

BROWSERS = (
    ("YaBrowser", "Yandex Browser"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
"""The first that fits: almost all claim to be Chrome and Safari as well."""
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def name_of(said: str) -> str:
    """Browser and system, as far as they are known: "Firefox, Android"; empty where neither is."""
    names = (next((name for sign, name in table if sign in said), "") for table in (BROWSERS, SYSTEMS))
    return ", ".join(name for name in names if name)
