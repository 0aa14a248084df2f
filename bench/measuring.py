"""Runs one command and measures it and everything it starts.

    python -m bench.measuring RESULT.json [--log FILE] [--processors N] -- command …

It has to be a process of its own, and a small one: the kernel's figure for the memory of a child begins with that of
the process that started it. Children that outlive their parent (a fork server, say) are adopted, waited for and
counted. Figures: wall-clock and CPU seconds; `peak_rss_mb`: the largest resident memory of any single process, by the
kernel's account; `peak_tree_mb`: the largest sum over all processes, sampled, shared pages divided among those who
share them where the system tells (proportional), which is what the machine has to have; `peak_rss_by_name_mb`: the
most that any process of a name had, sampled, children of our line being named after what they run.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import resource
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

_SET_CHILD_SUBREAPER = 36  # prctl(2)
_SAMPLE_S = 0.5
_TREE_EVERY = 2  # proportional memory is slow to ask for: every other look
_ORPHANS_S = 30.0


class _Sampler:
    """Looks at the tree twice a second; ten times took 5 % of a processor from a tree of 27 processes."""

    def __init__(self) -> None:
        self.peak_rss: dict[int, tuple[int, str]] = {}
        self.peak_tree = 0
        self.most_processes = 0
        self.looks = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        me = psutil.Process()
        while not self._over.wait(_SAMPLE_S):
            alive = me.children(recursive=True)
            self.most_processes = max(self.most_processes, len(alive))
            whole = self.looks % _TREE_EVERY == 0
            tree = 0
            for process in alive:
                try:
                    rss = process.memory_info().rss
                    if rss > self.peak_rss.get(process.pid, (0, ""))[0]:
                        self.peak_rss[process.pid] = (rss, process.name())
                    tree += process.memory_full_info().pss if whole else 0
                except psutil.Error:
                    continue
            self.peak_tree = max(self.peak_tree, tree)
            self.looks += 1


@dataclass
class _End:
    """How the command ended, and what it and all others used."""

    status: int = 1
    at_s: float = 0.0
    cpu_s: float = 0.0
    largest_kb: int = 0


def _wait_for_all(first: int) -> _End:
    """Wait for the command and for all it left behind: the clock stops at its own end, the rest is counted."""
    end = _End()
    deadline = None
    while True:
        try:
            pid, ended, usage = os.wait4(-1, 0 if deadline is None else os.WNOHANG)
        except ChildProcessError:
            return end
        if pid == 0:
            if deadline is not None and time.monotonic() > deadline:
                _end_orphans()
                deadline += _ORPHANS_S
            time.sleep(0.02)
            continue
        end.cpu_s += usage.ru_utime + usage.ru_stime
        end.largest_kb = max(end.largest_kb, usage.ru_maxrss)
        if pid == first:
            end.status, end.at_s = os.waitstatus_to_exitcode(ended), time.perf_counter()
            deadline = time.monotonic() + _ORPHANS_S


def _end_orphans() -> None:
    for process in psutil.Process().children(recursive=True):
        process.kill()


def measure(command: list[str], log: Path | None) -> dict[str, object]:
    """Run the command to its end. Output goes to `log`, or nowhere. Raises OSError when it can't be started."""
    if ctypes.CDLL(None, use_errno=True).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "cannot adopt children that outlive their parent")
    sampler = _Sampler()
    with (log or Path(os.devnull)).open("ab") as out:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=out, stdin=subprocess.DEVNULL)
        sampler.start()
        end = _wait_for_all(process.pid)
        sampler.stop()
    largest = max(sampler.peak_rss.values(), default=(0, ""))
    by_name: dict[str, int] = {}
    for memory, name in sampler.peak_rss.values():
        by_name[name] = max(by_name.get(name, 0), memory)
    return {
        "command": command,
        "status": end.status,
        "wall_s": round(end.at_s - started, 3),
        "cpu_s": round(end.cpu_s, 3),
        "peak_rss_mb": round(max(end.largest_kb * 1024, largest[0]) / 2**20, 1),
        "peak_rss_sampled_mb": round(largest[0] / 2**20, 1),
        "peak_rss_process": largest[1],
        "peak_rss_by_name_mb": {name: round(most / 2**20, 1) for name, most in sorted(by_name.items())},
        "peak_tree_mb": round(sampler.peak_tree / 2**20, 1),
        "most_processes": sampler.most_processes,
        "own_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        "load_average": [round(each, 2) for each in os.getloadavg()],
    }


def main() -> int:
    """Measure what stands behind `--`; status 0 whenever it could be measured."""
    split = sys.argv.index("--")
    parser = argparse.ArgumentParser(description="Measure a command and all it starts")
    parser.add_argument("result", type=Path, help="JSON file for the figures")
    parser.add_argument("--log", type=Path, help="file for what the command prints (default: nowhere)")
    parser.add_argument("--processors", type=int, help="how many processors it may use (default: all)")
    options = parser.parse_args(sys.argv[1:split])
    if options.processors:
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.processors])
    told = measure(sys.argv[split + 1 :], options.log)
    options.result.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
