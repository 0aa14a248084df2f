"""The library: domain, adapters and services. It starts nothing."""
