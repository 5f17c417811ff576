"""`turnout ...`: starts, supervises and moves the service. May import all of shared; nothing imports it."""
