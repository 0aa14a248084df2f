"""Outgoing mail to measure with: the print streams, and the ways in which others put marks on them."""
