"""What people and other systems touch: the command, the operators' page, the archive API."""
