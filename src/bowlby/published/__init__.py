"""Published models as special cases, each with the numbers it must give."""
