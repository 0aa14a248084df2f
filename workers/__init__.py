"""What runs: broker, actors, hot-folder watcher, sweeper, embedded service."""
