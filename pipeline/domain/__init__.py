"""What a domain expert would read aloud. Standard library only: no files, no clock, no network, no logging."""
