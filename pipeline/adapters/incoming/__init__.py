"""From a scan file to an archive package: inspect, recognise, build, check, pack."""
