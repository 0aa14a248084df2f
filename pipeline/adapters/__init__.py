"""One module per outside thing: files, tools, libraries, the database."""
