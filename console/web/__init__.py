"""The operators' page: read-only, rendered on the server, without anything from elsewhere."""
