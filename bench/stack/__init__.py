"""The benchmark's stack of scanned pages with truth. `python -m bench.stack --help` says how to make one."""
