"""Outgoing letters: a dropped print stream is inspected, its pages normalised, address and mark zones read."""
