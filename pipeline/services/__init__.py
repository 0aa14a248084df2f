"""Use cases, one per step of the line. They talk to ports."""
