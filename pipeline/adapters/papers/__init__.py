"""The papers that go with a batch or a refusal: CSV, JSON and PDF files, written into a folder that the caller gives.

Nothing here chooses a place or publishes: the caller hands in a working folder and renames it when all is written.
"""
