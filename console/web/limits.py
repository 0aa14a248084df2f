"""How often somebody may ask in a while; kept in memory, for this process."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Callable

_MOST_KEYS = 10_000


class RateLimit:
    """At most `most` times in `window_s` seconds for each key. `now_s`: a clock that never goes back."""

    def __init__(self, most: int, window_s: float, now_s: Callable[[], float]) -> None:
        self._most = most
        self._window_s = window_s
        self._now_s = now_s
        self._times: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait_s(self, key: str) -> float:
        """How long this key has to wait before it may ask again; 0 if it may now."""
        with self._lock:
            times = self._pruned(key)
            if len(times) < self._most:
                return 0.0
            return max(0.001, times[0] + self._window_s - self._now_s())

    def count(self, key: str) -> None:
        """Remember that this key asked."""
        with self._lock:
            self._pruned(key).append(self._now_s())

    def _pruned(self, key: str) -> deque[float]:
        times = self._times.setdefault(key, deque())
        self._times.move_to_end(key)
        while times and times[0] <= self._now_s() - self._window_s:
            times.popleft()
        while len(self._times) > _MOST_KEYS:
            self._times.popitem(last=False)
        return times
