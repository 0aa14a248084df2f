"""Which layers of a file print: what its default configuration says, and what that says of printing.

Rules: ISO 32000-1, 8.11.2 (groups, memberships, intents), 8.11.4.3 (configuration), 8.11.4.4 (usage). A state that a
program once had on its screen is in no file and counts for nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from pikepdf import Array, Dictionary, Name, Object

from pipeline.adapters.letters.source_pdf import name_text

_MAX_DEPTH = 40
# The entries of a usage that recommend a state by themselves; the others depend on who looks, and how near.
_RECOMMENDING = {"/Print": "/PrintState", "/View": "/ViewState", "/Export": "/ExportState"}

_Id = tuple[int, int]
_STANDS_INSIDE: _Id = (0, 0)  # no group: nothing else could name it


class LayerStates:
    """The groups of one file in the state in which they print. A group that is not told of is on."""

    def __init__(self, root: Object) -> None:
        properties = root.get("/OCProperties")
        self.told = isinstance(properties, Dictionary)
        self._off = _groups_off(properties) if isinstance(properties, Dictionary) else set()

    def is_off(self, membership: Object | None) -> bool:
        """Whether a group or a membership dictionary (the value of /OC) does not print.

        A membership may hide what it marks although every group is on: /AllOff, /AnyOff, /Not.
        """
        if not isinstance(membership, Dictionary):
            return False
        if membership.get("/Type") != Name.OCMD:
            return membership.objgen in self._off
        expression = membership.get("/VE")
        if isinstance(expression, Array):
            return not self._holds(expression, 0)
        return not self._policy_holds(membership)

    def _policy_holds(self, membership: Dictionary) -> bool:
        groups = membership.get("/OCGs")
        listed = list(groups) if isinstance(groups, Array) else [groups]
        on = [group.objgen not in self._off for group in listed if isinstance(group, Dictionary)]
        if not on:
            return True
        policy = membership.get("/P")
        if policy == Name.AllOn:
            return all(on)
        if policy in (Name.AnyOff, Name.AllOff):
            return not (all(on) if policy == Name.AnyOff else any(on))
        return any(on)

    def _holds(self, expression: Object | None, depth: int) -> bool:
        if isinstance(expression, Dictionary):
            return expression.objgen not in self._off
        if not isinstance(expression, Array) or not len(expression) or depth > _MAX_DEPTH:
            return True
        operator, *operands = list(expression)
        held = [self._holds(operand, depth + 1) for operand in operands]
        if operator == Name.Not:
            return not all(held)
        return any(held) if operator == Name.Or else all(held)


def _groups_off(properties: Dictionary) -> set[_Id]:
    config = properties.get("/D")
    if not isinstance(config, Dictionary):
        return set()
    off = _ids(config.get("/OFF"))
    if config.get("/BaseState") == Name.OFF:
        off = (off | _ids(properties.get("/OCGs"))) - _ids(config.get("/ON"))
    for group, is_on in _recommended(config).items():
        off = off - {group} if is_on else off | {group}
    return off - _without_effect(properties, config) - {_STANDS_INSIDE}


def _recommended(config: Dictionary) -> dict[_Id, bool]:
    """What the usages of groups recommend for printing, as far as the configuration lets printing heed them.

    Where two of them disagree, the group is off.
    """
    recommended: dict[_Id, bool] = {}
    for usage in _dictionaries(config.get("/AS")):
        if usage.get("/Event") != Name.Print:
            continue
        for group in _dictionaries(usage.get("/OCGs")):
            for category in _categories(usage):
                state = _state(group, category)
                if state in (Name.ON, Name.OFF):
                    recommended[group.objgen] = recommended.get(group.objgen, True) and state == Name.ON
    return recommended


def _categories(usage: Dictionary) -> list[str]:
    told = usage.get("/Category", Array([Name.Print]))
    return [name_text(name) for name in (told if isinstance(told, Array) else [told]) if isinstance(name, Name)]


def _state(group: Dictionary, category: str) -> Object | None:
    usage, key = group.get("/Usage"), _RECOMMENDING.get(category)
    about = usage.get(category) if isinstance(usage, Dictionary) and key is not None else None
    return about.get(key) if isinstance(about, Dictionary) and key is not None else None


def _without_effect(properties: Dictionary, config: Dictionary) -> set[_Id]:
    """Groups for another purpose than the configuration's, e.g. an author's own: they hide nothing."""
    wanted = _intents(config)
    if "/All" in wanted:
        return set()
    return {group.objgen for group in _dictionaries(properties.get("/OCGs")) if not wanted & _intents(group)}


def _intents(holder: Dictionary) -> set[str]:
    told = holder.get("/Intent", Name.View)
    return {name_text(name) for name in (told if isinstance(told, Array) else [told]) if isinstance(name, Name)}


def _dictionaries(listed: Object | None) -> Iterator[Dictionary]:
    for each in listed if isinstance(listed, Array) else ():
        if isinstance(each, Dictionary):
            yield each


def _ids(groups: Object | None) -> set[_Id]:
    return {group.objgen for group in _dictionaries(groups)}
