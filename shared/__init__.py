"""What the service is: words, rules, tables, reads and writes.

May import: the standard library and its own dependencies, neither Flask nor Celery, no HTTP and no SMTP.
Inside, imports run one way only; tests/test_architecture.py holds the order:

    config, clock, errors  <-  i18n, tickets, tokens, links, fold  <-  papers
    the same but papers    <-  database  <-  models  <-  queries  <-  outbox  <-  operations  <-  command
"""
