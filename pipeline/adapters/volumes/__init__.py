"""Volumes: drawing the marks, writing the print stream, reading it back."""
