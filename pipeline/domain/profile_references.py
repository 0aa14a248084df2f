"""Whether the profiles fit one another: every name leads somewhere, every job's machine, envelope and form agree.

Sentences and remedies are German, for operators.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pipeline.domain.enclosure_rules import EnclosureRule
from pipeline.domain.ids import is_id
from pipeline.domain.profile_rules import callable_stations, machine_envelope_findings
from pipeline.domain.profile_values import Fault, suggestion, volume_room
from pipeline.domain.profiles import Envelope, Job, Machine, Municipality, OutgoingRules


@dataclass(frozen=True)
class Catalogue:
    """What was read without a fault, by id, and what may be named.

    `names`: for `jobs`, `machines`, `envelopes`, `papers`, `municipalities` and `products` the ids that exist;
    `stations`: the enclosure stations that are filled. A profile with a fault of its own is named too, and None stands
    for a file that could not be read at all, so that one mistake is told once.
    """

    jobs: Mapping[str, Job]
    machines: Mapping[str, Machine]
    envelopes: Mapping[str, Envelope]
    names: Mapping[str, frozenset[str] | None]
    stations: frozenset[int] | None


_KIND_DE = {
    "municipalities": "Kommune",
    "products": "Postprodukt",
    "jobs": "Auftrag",
    "machines": "Maschine",
    "envelopes": "Umschlag",
    "papers": "Papier",
}


def _reference(catalogue: Catalogue, table: str, key: str, name: str) -> Iterator[Fault]:
    known = catalogue.names[table]
    if known is not None and name not in known:
        sentence = f"{_KIND_DE[table]} »{name}« gibt es nicht."
        yield Fault("profile-reference", key, sentence, suggestion(name, filter(is_id, known)))


def municipality_reference_faults(municipality: Municipality, catalogue: Catalogue) -> Iterator[Fault]:
    """Every job of a municipality exists, and the letterhead that it prints on."""
    for job in municipality.jobs:
        yield from _reference(catalogue, "jobs", "jobs", job)
        rules = catalogue.jobs[job].outgoing if job in catalogue.jobs else None
        if rules is not None and rules.letterhead and municipality.letterhead(rules.letterhead) is None:
            sentence = f"Auftrag »{job}« druckt auf den Briefbogen »{rules.letterhead}«, den es hier nicht gibt."
            remedy = f'Ergänzen Sie [[letterheads]] mit id = "{rules.letterhead}" oder streichen Sie den Auftrag.'
            yield Fault("profile-reference", "letterheads", sentence, remedy)


def job_reference_faults(job: Job, catalogue: Catalogue) -> Iterator[Fault]:
    """Machine, envelope and paper of an outgoing job exist and go together, with the forms and the enclosures."""
    rules = job.outgoing
    if rules is None:
        return
    yield from _reference(catalogue, "machines", "outgoing.machine", rules.machine)
    yield from _reference(catalogue, "envelopes", "outgoing.envelope", rules.envelope)
    yield from _reference(catalogue, "papers", "outgoing.paper", rules.paper)
    yield from _reference(catalogue, "machines", "outgoing.flat_machine", rules.flat_machine)
    yield from _reference(catalogue, "envelopes", "outgoing.flat_envelope", rules.flat_envelope)
    yield from _folded_faults(rules, catalogue)
    yield from _flat_faults(rules, catalogue)
    yield from _enclosure_faults(rules, catalogue)


def _geometry(key: str, sentences: Iterable[str]) -> Iterator[Fault]:
    remedy = "Wählen Sie eine andere Maschine, einen anderen Umschlag oder andere Formen, oder verlegen Sie die Marken."
    for sentence in sentences:
        yield Fault("profile-geometry", key, sentence, remedy)


def _folded_faults(rules: OutgoingRules, catalogue: Catalogue) -> Iterator[Fault]:
    envelope, machine = catalogue.envelopes.get(rules.envelope), catalogue.machines.get(rules.machine)
    if envelope is None:
        return
    if envelope.flat:
        remedy = "Tragen Sie hier einen Umschlag für gefalzte Briefe ein, C4 unter flat_envelope."
        yield Fault(
            "profile-value", "outgoing.envelope", f"Umschlag »{envelope.id}« ist für ungefalzte Briefe.", remedy
        )
    for form in rules.forms:
        folding = envelope.folding(form)
        if folding is None:
            sentence = f"Umschlag »{envelope.id}« kann die Anschrift von Form {form} nicht zeigen."
            remedy = f'Streichen Sie "{form}" aus forms oder wählen Sie einen anderen Umschlag.'
            yield Fault("profile-geometry", "outgoing.forms", sentence, remedy)
        elif machine is not None:
            yield from _geometry("outgoing.machine", machine_envelope_findings(machine, envelope, folding))


def _flat_faults(rules: OutgoingRules, catalogue: Catalogue) -> Iterator[Fault]:
    envelope, machine = catalogue.envelopes.get(rules.flat_envelope), catalogue.machines.get(rules.flat_machine)
    if envelope is None:
        return
    if not envelope.flat:
        remedy = "Tragen Sie hier einen Umschlag mit flat = true ein, zum Beispiel C4."
        sentence = f"Umschlag »{envelope.id}« ist für gefalzte Briefe."
        yield Fault("profile-value", "outgoing.flat_envelope", sentence, remedy)
    if machine is not None and (room := volume_room(machine.feed)) < envelope.max_sheets:
        sentence = (
            f"Ein Teilband von Maschine »{machine.id}« fasst {room} Blatt für Sendungen, eine Sendung im Umschlag "
            f"»{envelope.id}« darf {envelope.max_sheets} haben (max_sheets)."
        )
        remedy = "Setzen Sie max_volume_sheets der Maschine höher oder max_sheets des Umschlags niedriger."
        yield Fault("profile-value", "outgoing.flat_machine", sentence, remedy)
    # A form that the flat envelope can't show is allowed: such long letters come back as exceptions.
    for form in rules.forms:
        folding = envelope.folding(form)
        if folding is not None and machine is not None:
            yield from _geometry("outgoing.flat_machine", machine_envelope_findings(machine, envelope, folding))


def _enclosure_faults(rules: OutgoingRules, catalogue: Catalogue) -> Iterator[Fault]:
    for at, rule in enumerate(rules.enclosure_rules):
        yield from _rule_faults(rule, f"outgoing.enclosure_rules[{at}]", catalogue)
    for station in rules.enclosures:
        yield from _station_faults(station, "outgoing.enclosures", catalogue)
        for name in dict.fromkeys((rules.machine, rules.flat_machine)):
            machine = catalogue.machines.get(name)
            if machine is not None and station not in callable_stations(machine):
                stations = ", ".join(map(str, sorted(callable_stations(machine)))) or "keine"
                sentence = f"Die Marken von Maschine »{name}« können Station {station} nicht abrufen."
                yield Fault("profile-reference", "outgoing.enclosures", sentence, f"Abrufbar: {stations}.")


def _station_faults(station: int, key: str, catalogue: Catalogue) -> Iterator[Fault]:
    if catalogue.stations is not None and station not in catalogue.stations:
        remedy = f"Belegt sind: {', '.join(map(str, sorted(catalogue.stations))) or 'keine'}."
        yield Fault("profile-reference", key, f"Station {station} ist in enclosures.toml nicht belegt.", remedy)


def _rule_faults(rule: EnclosureRule, key: str, catalogue: Catalogue) -> Iterator[Fault]:
    """The station is filled; municipalities and products exist. What the machine can't call goes flat, remarked."""
    yield from _station_faults(rule.station, f"{key}.station", catalogue)
    for table, names in (("municipalities", rule.municipalities), ("products", rule.products)):
        for name in names:
            yield from _reference(catalogue, table, f"{key}.{table}", name)
