"""The operators' page and the archive API: rendered on the server, without anything from elsewhere."""
