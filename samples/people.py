"""Who writes and who is written to: administrations, citizens, companies. People and streets are invented.

Towns and postcodes are real. Telephone numbers have no subscriber, domains end in `.example`, the bank does not exist.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

BANK_CODE = "13099999"
"""A bank code that is not assigned."""


@dataclass(frozen=True)
class Office:
    """An administration as a sender. `sender_at`: where the sender line stands, at the zone's top or its foot."""

    id: str
    name: str
    street: str
    postcode: str
    town: str
    dial: str
    sender_at: str
    motif: str

    @property
    def sender_line(self) -> str:
        """The small line above the recipient."""
        return f"{self.name} · {self.street} · {self.postcode} {self.town}"

    @property
    def domain(self) -> str:
        """The administration's invented domain."""
        return f"{self.id}.example"


OFFICES: dict[str, Office] = {
    office.id: office
    for office in (
        Office("schwerin", "Landeshauptstadt Schwerin", "Amtsstraße 1", "19053", "Schwerin", "0385", "top", "tower"),
        Office(
            "ludwigslust-parchim",
            "Landkreis Ludwigslust-Parchim",
            "Kreisstraße 25",
            "19370",
            "Parchim",
            "03871",
            "foot",
            "bars",
        ),
        Office("parchim", "Stadt Parchim", "Rathausmarkt 1", "19370", "Parchim", "03871", "foot", "gate"),
        Office("ludwigslust", "Stadt Ludwigslust", "Amtsallee 30", "19288", "Ludwigslust", "03874", "top", "wave"),
        Office(
            "boizenburg", "Stadt Boizenburg/Elbe", "Am Rathaus 1", "19258", "Boizenburg/Elbe", "038847", "foot", "wave"
        ),
        Office("hagenow", "Stadt Hagenow", "Rathausring 12", "19230", "Hagenow", "03883", "foot", "gate"),
        Office("luebz", "Stadt Lübz", "Am Amtsturm 22", "19386", "Lübz", "038731", "top", "tower"),
        Office("luebtheen", "Stadt Lübtheen", "Amtsweg 17", "19249", "Lübtheen", "038855", "foot", "bars"),
        Office("wittenburg", "Stadt Wittenburg", "Rathausgasse 4", "19243", "Wittenburg", "038852", "foot", "tower"),
        Office("grabow", "Stadt Grabow", "Rathausplatz 8", "19300", "Grabow", "038756", "top", "gate"),
        Office(
            "neustadt-glewe", "Stadt Neustadt-Glewe", "Burgmarkt 1", "19306", "Neustadt-Glewe", "038757", "foot", "bars"
        ),
        Office(
            "zarrentin",
            "Stadt Zarrentin am Schaalsee",
            "Rathausweg 3",
            "19246",
            "Zarrentin am Schaalsee",
            "038851",
            "top",
            "wave",
        ),
        Office("crivitz", "Stadt Crivitz", "Amtsring 5", "19089", "Crivitz", "03863", "foot", "tower"),
    )
}
"""The thirteen members, by id, in the order in which the print centre lists them."""


@dataclass(frozen=True)
class Addressee:
    """A recipient: the lines in the window, and what is to be read out of them. Country: ISO 3166-1 alpha-2."""

    lines: tuple[str, ...]
    postcode: str
    town: str
    country: str
    salutation: str
    name: str


_WOMEN = (
    "Anke",
    "Birgit",
    "Cäcilie",
    "Dörte",
    "Elke",
    "Friederike",
    "Greta",
    "Heike",
    "Inka",
    "Jördis",
    "Käthe",
    "Lieselotte",
    "Maike",
    "Nele",
    "Silke",
    "Ülkü",
    "Wiebke",
)
_MEN = (
    "Arne",
    "Björn",
    "Detlef",
    "Eckhard",
    "Fiete",
    "Günter",
    "Hauke",
    "Jürgen",
    "Karl-Heinz",
    "Lutz",
    "Malte",
    "Norbert",
    "Özgür",
    "Rüdiger",
    "Sönke",
    "Torsten",
)
_SURNAMES = (
    "Ahrendt",
    "Bössow",
    "Brüggemann",
    "Dähnhardt",
    "Eggebrecht",
    "Füllgraf",
    "Göllnitz",
    "Hückstädt",
    "Jäger",
    "Kröpelin",
    "Lüdersdorf",
    "Möller-Voß",
    "Niemöller",
    "Öhlschläger",
    "Pankelow",
    "Quade",
    "Rößler",
    "Schröder",
    "Schüßler",
    "Techentin",
    "Ückermann",
    "Voß",
    "Wöhlert",
    "Zieseniß",
    "Zühlke",
)
_STREETS = (
    "Lindenallee",
    "Mühlenstraße",
    "Großer Moor",
    "An der Försterei",
    "Weidenstraße",
    "Schäferkoppel",
    "Gänseweg",
    "Am Füllort",
    "Störtebekerweg",
    "Straße des Handwerks",
    "Kälberbruch",
    "Döbbersener Weg",
    "Ernst-Möbius-Straße",
    "Büdnerreihe",
    "Am Röthsoll",
    "Kleine Kapellenstraße",
    "Ziegeleiweg",
    "Süderende",
    "Lübsche Straße",
    "Torfmoorweg",
    "Alte Schulstraße",
    "Feldstraße",
)

_NEAR = (
    ("19053", "Schwerin"), ("19055", "Schwerin"), ("19057", "Schwerin"), ("19059", "Schwerin"), ("19063", "Schwerin"),
    ("19370", "Parchim"), ("19288", "Ludwigslust"), ("19258", "Boizenburg/Elbe"), ("19230", "Hagenow"),
    ("19386", "Lübz"), ("19249", "Lübtheen"), ("19243", "Wittenburg"), ("19300", "Grabow"),
    ("19306", "Neustadt-Glewe"), ("19246", "Zarrentin am Schaalsee"), ("19089", "Crivitz"), ("19395", "Plau am See"),
    ("19399", "Goldberg"), ("19406", "Sternberg"), ("19205", "Gadebusch"), ("19303", "Dömitz"), ("19067", "Leezen"),
    ("19073", "Wittenförden"), ("19075", "Pampow"), ("19217", "Rehna"), ("19079", "Banzkow"),
)  # fmt: skip
_FAR = (
    ("01067", "Dresden"), ("04109", "Leipzig"), ("06108", "Halle (Saale)"), ("10115", "Berlin"), ("14467", "Potsdam"),
    ("17033", "Neubrandenburg"), ("17192", "Waren (Müritz)"), ("18055", "Rostock"), ("20095", "Hamburg"),
    ("21335", "Lüneburg"), ("23552", "Lübeck"), ("23966", "Wismar"), ("28195", "Bremen"),
    ("29439", "Lüchow (Wendland)"), ("30159", "Hannover"), ("50667", "Köln"), ("60311", "Frankfurt am Main"),
    ("70173", "Stuttgart"), ("80331", "München"),
)  # fmt: skip
_PO_BOX = (("19010", "Schwerin"), ("19362", "Parchim"), ("19282", "Ludwigslust"), ("19252", "Boizenburg/Elbe"))

_COMPANIES = (
    ("Elektro Füllgraf GmbH", "Buchhaltung"),
    ("Bäckerei Zühlke & Söhne OHG", ""),
    ("Tief- und Straßenbau Röthsoll GmbH", "Niederlassung Mecklenburg"),
    ("Wohnungsgenossenschaft Elde eG", "Abt. Bestandsverwaltung"),
    ("Landmaschinen Göllnitz KG", ""),
    ("Gasthof „Zum Kranich“", "Inh. Sönke Ahrendt"),
    ("Müritz-Elde Agrar eG", "Geschäftsleitung"),
    ("Apotheke am Füllort e. K.", ""),
    ("Hückstädt Immobilien UG", "z. Hd. Frau Dähnhardt"),
)

_OWN_POSTCODE = (("Versorgungswerk Elde AöR", "19048", "Schwerin"), ("Elde-Versicherung a. G.", "19368", "Parchim"))
"""Large recipients: their postcode is enough, two lines are the whole address."""

_ABROAD = (
    ("AT", "Frau Prähauser", ("Frau Mag. Roswitha Prähauser", "Nußdorfer Lände 19/3"), "1190", "WIEN", "ÖSTERREICH"),
    ("AT", "Herr Kirchschläger", ("Herrn Leopold Kirchschläger", "Steingasse 7"), "5020", "SALZBURG", "ÖSTERREICH"),
    ("CH", "Herr Zürcher-Hüsler", ("Herrn Beat Zürcher-Hüsler", "Seefeldhalde 88"), "8008", "ZÜRICH", "SCHWEIZ"),
    (
        "NL",
        "Frau van Broekhof",
        ("Mevrouw Sanne van Broekhof", "Lijnbaan 14-II"),
        "1017 AB",
        "AMSTERDAM",
        "NIEDERLANDE",
    ),
    ("PL", "Herr Kowalówka", ("Pan Łukasz Kowalówka", "ul. Młynarska Nowa 8/12"), "70-535", "SZCZECIN", "POLEN"),
    ("FR", "Frau Dufrêne", ("Madame Hélène Dufrêne", "14, impasse des Pêcheurs"), "67000", "STRASBOURG", "FRANKREICH"),
    (
        "DK",
        "Frau Søby-Hjorth",
        ("Fru Bodil Søby-Hjorth", "Nørre Søgangen 3, 2. tv."),
        "2100",
        "KØBENHAVN Ø",
        "DÄNEMARK",
    ),
)


def iban(rng: random.Random) -> str:
    """An invented IBAN with right check digits (ISO 13616, MOD 97-10), in groups of four."""
    account = f"{rng.randrange(10**10):010d}"
    check = 98 - int(BANK_CODE + account + "131400") % 97
    number = f"DE{check:02d}{BANK_CODE}{account}"
    return " ".join(number[at : at + 4] for at in range(0, len(number), 4))


def street(rng: random.Random) -> str:
    """A street with a house number."""
    return f"{rng.choice(_STREETS)} {rng.randrange(1, 180)}{rng.choice(('', '', '', 'a', 'b'))}"


def person_name(rng: random.Random) -> tuple[str, str, str]:
    """Form of address, first name, surname."""
    woman = rng.random() < 0.5
    return ("Frau" if woman else "Herr", rng.choice(_WOMEN if woman else _MEN), rng.choice(_SURNAMES))


def _town(rng: random.Random, home: Office | None) -> tuple[str, str]:
    draw = rng.random()
    if home is not None and draw < 0.55:
        return home.postcode, home.town
    return rng.choice(_NEAR if draw < 0.88 else _FAR)


def _at_home(lines: tuple[str, ...], place: tuple[str, str], salutation: str, name: str) -> Addressee:
    postcode, town = place
    return Addressee((*lines, f"{postcode} {town}"), postcode, town, "DE", salutation, name)


def citizen(rng: random.Random, home: Office | None = None) -> Addressee:
    """A person in Germany: two to six lines, sometimes with c/o, a doctorate, a district, a couple, a post box."""
    address, first, last = person_name(rng)
    dative = "Herrn" if address == "Herr" else "Frau"
    greeting = f"Sehr geehrte{'r' if address == 'Herr' else ''} {address}"
    name, place = f"{first} {last}", _town(rng, home)
    kind = rng.randrange(10)
    head: tuple[str, ...] = (f"{dative} {name}",) if kind in (0, 3, 6) else (dative, name)
    where = (street(rng),)
    if kind == 0:
        head = (*head, f"c/o {' '.join(person_name(rng)[1:])}")
    elif kind == 1:
        head, greeting = (dative, f"Dr. med. {name}"), f"{greeting} Dr."
    elif kind == 2:
        head = ("Eheleute", f"{rng.choice(_WOMEN)} und {rng.choice(_MEN)} {last}")
        both = f"Sehr geehrte Frau {last}, sehr geehrter Herr {last}"
        return _at_home((*head, *where), place, both, f"Eheleute {last}")
    elif kind == 3:
        where, place = (f"Postfach {rng.randrange(10, 99)} {rng.randrange(10, 99)}",), rng.choice(_PO_BOX)
    elif kind == 4:
        head = (*head, "Ortsteil Klein Röthsoll")
    elif kind == 5:
        head = (*head, f"Wohnung {rng.randrange(1, 60)}, Aufgang {rng.choice('ABC')}", f"bei {rng.choice(_SURNAMES)}")
    return _at_home((*head, *where), place, f"{greeting} {last}", name)


def company(rng: random.Random, home: Office | None = None) -> Addressee:
    """A company in Germany, sometimes with a department, a post box or a postcode of its own."""
    if rng.random() < 0.1:
        recipient, postcode, town = rng.choice(_OWN_POSTCODE)
        return _at_home((recipient,), (postcode, town), "Sehr geehrte Damen und Herren", recipient)
    name, department = rng.choice(_COMPANIES)
    head = ("Firma", name) if rng.random() < 0.3 else (name,)
    where, place = street(rng), _town(rng, home)
    if rng.random() < 0.25:
        where, place = f"Postfach {rng.randrange(10, 99)} {rng.randrange(10, 99)}", rng.choice(_PO_BOX)
    lines = (*head, department, where) if department else (*head, where)
    return _at_home(lines, place, "Sehr geehrte Damen und Herren", name)


def abroad(which: int) -> Addressee:
    """Foreign addressee number `which` (taken modulo their count): town and country in capitals."""
    country, name, lines, postcode, town, land = _ABROAD[which % len(_ABROAD)]
    ending = "r" if name.startswith("Herr") else ""
    whole = (*lines, f"{postcode} {town}", land)
    return Addressee(whole, postcode, town, country, f"Sehr geehrte{ending} {name}", name)


def addressee(rng: random.Random, home: Office | None = None, foreign: bool = True) -> Addressee:
    """Anybody: four citizens in five, some companies, a few abroad unless `foreign` is False."""
    draw = rng.random()
    if foreign and draw < 0.05:
        return abroad(rng.randrange(len(_ABROAD)))
    return company(rng, home) if draw < 0.2 else citizen(rng, home)


def authority(office: Office) -> Addressee:
    """The administration itself as the recipient of incoming post."""
    lines = (office.name, "Posteingangsstelle", office.street, f"{office.postcode} {office.town}")
    return Addressee(lines, office.postcode, office.town, "DE", "Sehr geehrte Damen und Herren", office.name)
