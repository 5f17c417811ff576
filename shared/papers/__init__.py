"""Documents and pictures: values in, bytes out.

No database and no models; may import config, clock, errors, i18n, links.
"""
