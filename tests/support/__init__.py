"""What tests share: no test stands here, and tests import from here, from factories and from conftest only."""
