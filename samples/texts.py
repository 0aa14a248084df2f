"""What the letters say. German, written for these samples; names, numbers and cases are invented.

Placeholders: {name} {office} {town} {street} {ref} {date} {past} {due} {amount} {year} {iban}.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Matter:
    """One kind of letter. `unit`: who writes; `table`: key into `tables.BUILDERS` or empty."""

    key: str
    unit: str
    subject: str
    paragraphs: tuple[str, ...]
    table: str = ""
    after: tuple[str, ...] = ()
    remedy: bool = False


OUTGOING: tuple[Matter, ...] = (
    Matter(
        "dog-tax",
        "Steueramt",
        "Hundesteuerbescheid {year}",
        (
            "für den von Ihnen gehaltenen Hund wird die Hundesteuer nach der Satzung über die Erhebung der Hundesteuer "
            "in der jeweils gültigen Fassung wie folgt festgesetzt:",
        ),
        "dog-tax",
        (
            "Der Betrag ist zum {due} fällig. Bitte überweisen Sie ihn auf das Konto {iban} und geben Sie als "
            "Verwendungszweck das Kassenzeichen {ref} an.",
            "Die Steuermarke ist außerhalb der Wohnung sichtbar zu tragen. Geht sie verloren, erhalten Sie gegen eine "
            "Gebühr von 5,00 € Ersatz. Die Abgabe oder den Tod des Tieres zeigen Sie bitte binnen 14 Tagen an.",
        ),
        True,
    ),
    Matter(
        "building",
        "Untere Bauaufsichtsbehörde",
        "Ihr Bauantrag vom {past}: Errichtung eines Carports mit Geräteraum",
        (
            "nach Prüfung Ihrer Unterlagen erteilen wir Ihnen gemäß § 72 der Landesbauordnung die Genehmigung für das "
            "Vorhaben auf dem Grundstück {street}, Gemarkung {town}, Flur 7, Flurstück 112/4.",
            "Die Genehmigung ergeht unbeschadet der Rechte Dritter. Sie erlischt, wenn innerhalb von drei Jahren nach "
            "ihrer Erteilung mit der Ausführung nicht begonnen oder die Ausführung länger als ein Jahr unterbrochen "
            "worden ist.",
            "Der Beginn der Bauarbeiten ist mindestens eine Woche vorher schriftlich anzuzeigen. Die Höhenlage der "
            "Oberkante des fertigen Fußbodens ist vor Ort durch einen Vermessungsingenieur festzulegen.",
            "Das anfallende Niederschlagswasser ist auf dem eigenen Grundstück zu versickern. Während der Arbeiten "
            "sind die vorhandenen Bäume nach den anerkannten Regeln der Technik zu schützen.",
        ),
        "fees-building",
        ("Die Gebühr wird mit gesondertem Kostenbescheid erhoben und ist bis zum {due} zu entrichten.",),
        True,
    ),
    Matter(
        "register",
        "Standesamt",
        "Anforderung einer Urkunde, Eingang vom {past}",
        (
            "vielen Dank für Ihr Schreiben. Die gewünschte Geburtsurkunde kann nur ausgestellt werden, wenn der "
            "Personenstandsfall im hiesigen Register beurkundet ist. Das ist nach unseren Büchern der Fall.",
            "Für die Ausstellung benötigen wir noch eine Kopie Ihres Personalausweises (Vorder- und Rückseite) sowie "
            "einen Nachweis, dass Sie in gerader Linie mit der genannten Person verwandt sind.",
            "Bitte reichen Sie die Unterlagen bis zum {due} ein. Persönlich erreichen Sie uns dienstags von 9 bis "
            "12 Uhr und von 13 bis 18 Uhr sowie donnerstags von 9 bis 12 Uhr, sonst nach Vereinbarung.",
        ),
        "",
        ("Die Gebühr beträgt 12,00 €, für jede weitere gleichzeitig bestellte Ausfertigung 6,00 €.",),
    ),
    Matter(
        "parking",
        "Fachdienst Ordnung und Verkehr",
        "Verwarnung mit Verwarnungsgeld, Aktenzeichen {ref}",
        (
            "Ihnen wird zur Last gelegt, am {past} um 10:47 Uhr in {town}, {street}, als Halter oder Führer des "
            "Fahrzeugs mit dem amtlichen Kennzeichen LUP-QX 4711 folgende Ordnungswidrigkeit begangen zu haben:",
            "Sie parkten im Bereich eines Parkscheinautomaten ohne gültigen Parkschein (§ 13 Abs. 1 und 2, § 49 StVO; "
            "§ 24 StVG; Nr. 63.1 BKat).",
            "Wegen dieser Ordnungswidrigkeit werden Sie hiermit verwarnt. Zugleich wird ein Verwarnungsgeld von "
            "{amount} festgesetzt. Die Verwarnung wird wirksam, wenn Sie mit ihr einverstanden sind und den Betrag "
            "innerhalb einer Woche ab Zugang dieses Schreibens zahlen.",
            "Sind Sie nicht einverstanden oder waren Sie nicht der Fahrer, teilen Sie uns bitte auf dem beigefügten "
            "Bogen die Personalien des Fahrers mit. Zahlungen erbitten wir auf das Konto {iban}.",
        ),
    ),
    Matter(
        "kindergarten",
        "Fachdienst Bildung, Jugend und Sport",
        "Festsetzung des Verpflegungsbeitrags ab {date}",
        (
            "Ihr Kind besucht die Kindertagesstätte „Störtebekers Räuberhöhle“ im Umfang eines Ganztagsplatzes. Der "
            "Platz selbst ist beitragsfrei. Für die Verpflegung setzen wir die folgenden monatlichen Kosten fest:",
        ),
        "kindergarten",
        (
            "Der Beitrag ist jeweils bis zum 15. eines Monats zu zahlen. Fehlt Ihr Kind an mehr als fünf aufeinander "
            "folgenden Öffnungstagen und wird es vorher abgemeldet, erstatten wir die Kosten des Mittagessens.",
            "Erhalten Sie Wohngeld, Kinderzuschlag oder Bürgergeld, übernimmt der Landkreis das gemeinschaftliche "
            "Mittagessen auf Antrag. Das Formular liegt in jeder Einrichtung aus.",
        ),
        True,
    ),
    Matter(
        "housing-benefit",
        "Wohngeldstelle",
        "Ihr Antrag auf Wohngeld vom {past}",
        (
            "Ihr Antrag ist hier eingegangen. Für die Entscheidung fehlen uns noch Angaben. Wir bitten Sie, die "
            "angekreuzten Unterlagen bis zum {due} nachzureichen:",
            "– Verdienstbescheinigung des Arbeitgebers für die letzten zwölf Monate\n"
            "– Mietvertrag und letzte Änderung der Miete, einschließlich der Aufstellung der Betriebskosten\n"
            "– Nachweis über Zahlungen der Kranken- und Pflegeversicherung\n"
            "– Bescheid über Elterngeld, soweit bezogen",
            "Kommen Sie dieser Bitte ohne wichtigen Grund nicht nach, kann die Leistung nach § 66 SGB I ganz oder "
            "teilweise versagt werden. Darauf müssen wir Sie hinweisen; wir hoffen, dass es dazu nicht kommt.",
        ),
    ),
    Matter(
        "driving-licence",
        "Fahrerlaubnisbehörde",
        "Umtausch Ihres Führerscheins",
        (
            "Ihr Führerschein gehört zu einem Jahrgang, der bis zum {due} umzutauschen ist. Danach ist das Dokument "
            "ungültig; Ihre Fahrerlaubnis selbst bleibt bestehen.",
            "Bringen Sie zum Termin bitte Ihren alten Führerschein, einen gültigen Ausweis und ein biometrisches "
            "Lichtbild mit. Wurde der Führerschein anderswo ausgestellt, fordern wir eine Karteikartenabschrift an.",
            "Termine vergeben wir im Internet oder unter der oben genannten Rufnummer. Die Gebühr von {amount} ist bei "
            "der Antragstellung zu zahlen, bar oder mit Karte.",
        ),
    ),
    Matter(
        "waste",
        "Abfallwirtschaft",
        "Bescheid über Abfallgebühren {year}",
        ("für das Grundstück {street} in {town} werden die Abfallgebühren nach den gemeldeten Behältern festgesetzt:",),
        "waste",
        (
            "Die Gebühr wird in zwei gleichen Teilen zum 15. März und zum 15. September fällig. Liegt uns ein "
            "SEPA-Lastschriftmandat vor, buchen wir die Beträge ab; sonst überweisen Sie bitte auf das Konto {iban}.",
        ),
        True,
    ),
    Matter(
        "election",
        "Wahlbüro",
        "Berufung in einen Wahlvorstand",
        (
            "für die bevorstehende Wahl suchen wir Menschen, die mitzählen. Nach den Vorschriften der Wahlordnung "
            "berufen wir Sie als Beisitzerin oder Beisitzer in den Wahlvorstand des Wahlbezirks 014, Turnhalle der "
            "Grundschule „Am Füllort“, {town}.",
            "Bitte finden Sie sich am Wahltag um 7:30 Uhr dort ein. Das Wahllokal ist von 8 bis 18 Uhr geöffnet; im "
            "Anschluss wird ausgezählt. Sie können sich mit den anderen Mitgliedern in zwei Schichten teilen.",
            "Für Ihr Ehrenamt erhalten Sie ein Erfrischungsgeld von {amount}. Eine Schulung bieten wir am {due} um "
            "17 Uhr im großen Sitzungssaal an.",
        ),
    ),
    Matter(
        "cemetery",
        "Friedhofsverwaltung",
        "Ablauf des Nutzungsrechts, Feld C, Reihe 9, Grab 16",
        (
            "das Nutzungsrecht an der oben bezeichneten Wahlgrabstätte läuft am {due} ab. Sie können es um 5, 10 oder "
            "20 Jahre verlängern. Die Gebühren betragen nach der geltenden Friedhofsgebührensatzung:",
        ),
        "fees-cemetery",
        (
            "Möchten Sie nicht verlängern, bitten wir Sie, Grabmal, Einfassung und Bepflanzung bis zum genannten Tag "
            "zu entfernen. Auf Wunsch übernimmt das ein Steinmetzbetrieb Ihrer Wahl.",
        ),
    ),
)

TAX_NOTICE = Matter(
    "property-tax",
    "Steueramt",
    "Grundsteuerbescheid {year}",
    (
        "auf der Grundlage des Messbescheids Ihres Finanzamts wird die Grundsteuer B für das Grundstück {street}, "
        "{town}, wie folgt festgesetzt:",
    ),
    "property-tax",
    (
        "Die Beträge werden zu den genannten Terminen fällig. Dieser Bescheid gilt auch für die folgenden Jahre, bis "
        "ein neuer ergeht.",
    ),
    True,
)

REMINDER = Matter(
    "reminder",
    "Stadtkasse",
    "Mahnung",
    (
        "sicher haben Sie es nur übersehen: Die unten genannten Forderungen sind noch offen. Wir bitten Sie, den "
        "Gesamtbetrag bis zum {due} auf unser Konto {iban} zu überweisen.",
    ),
    "reminder",
    (
        "Haben Sie inzwischen gezahlt, betrachten Sie dieses Schreiben bitte als gegenstandslos. Nach Ablauf der Frist "
        "müssen wir die Vollstreckung einleiten, wodurch weitere Kosten entstehen.",
    ),
)

REMEDY = (
    "Rechtsbehelfsbelehrung",
    "Gegen diesen Bescheid kann innerhalb eines Monats nach Bekanntgabe Widerspruch erhoben werden. Der Widerspruch "
    "ist schriftlich oder zur Niederschrift bei {office}, {office_street}, {office_town}, einzulegen. Durch den "
    "Widerspruch wird die Pflicht zur Zahlung nicht aufgeschoben (§ 80 Abs. 2 Satz 1 Nr. 1 VwGO).",
)

NOTES: tuple[tuple[str, str], ...] = (
    (
        "Hinweise zum Datenschutz",
        "Ihre Daten werden verarbeitet, um den genannten Vorgang zu bearbeiten (Art. 6 Abs. 1 Buchst. e DSGVO). Sie "
        "werden nach Ablauf der gesetzlichen Fristen gelöscht. Sie haben das Recht auf Auskunft, Berichtigung und "
        "Löschung sowie das Recht, sich bei der Aufsichtsbehörde zu beschweren.",
    ),
    (
        "Zahlung",
        "Geben Sie bei jeder Zahlung das Kassenzeichen vollständig an. Zahlungen ohne Kassenzeichen können wir nur mit "
        "Verzögerung zuordnen. Für verspätete Zahlungen entstehen Säumniszuschläge von 1 vom Hundert je angefangenen "
        "Monat; abgerundet wird auf volle 50 Euro.",
    ),
    (
        "Änderungen",
        "Teilen Sie uns Änderungen der Anschrift, der Bankverbindung oder der Eigentumsverhältnisse bitte unverzüglich "
        "mit. Beim Verkauf eines Grundstücks bleibt zahlungspflichtig, wer am 1. Januar Eigentümer war.",
    ),
    (
        "Stundung und Erlass",
        "Ist Ihnen die Zahlung zum Termin nicht möglich, stellen Sie vor der Fälligkeit einen begründeten Antrag auf "
        "Stundung. Für gestundete Beträge fallen Zinsen von einem halben Prozent je vollem Monat an.",
    ),
    (
        "Erreichbarkeit",
        "Unser Haus ist barrierefrei zugänglich. Der Aufzug befindet sich im Hof, die Rampe am Südflügel. Bringen Sie "
        "gern eine Vertrauensperson mit; Gebärdensprachdolmetscher bestellen wir auf Wunsch.",
    ),
    (
        "Unterlagen",
        "Reichen Sie keine Originale ein, es sei denn, wir bitten ausdrücklich darum. Eingereichte Unterlagen werden "
        "ersetzend gescannt und danach vernichtet. Kopien müssen vollständig und gut lesbar sein.",
    ),
    (
        "Straßenreinigung und Winterdienst",
        "Anlieger haben den Gehweg in einer Breite von 1,50 m von Schnee freizuhalten und bei Glätte zu streuen, "
        "werktags von 7 bis 20 Uhr, sonn- und feiertags ab 9 Uhr. Streusalz ist nur an Treppen erlaubt.",
    ),
    (
        "Grundstücksentwässerung",
        "Der Anschluss an die öffentliche Kanalisation bedarf der Genehmigung. Rückstausicherungen liegen in der "
        "Verantwortung des Eigentümers. Fettabscheider sind vierteljährlich zu leeren; der Nachweis ist aufzubewahren.",
    ),
)

ENDORSEMENTS: tuple[tuple[str, ...], ...] = (
    ("Persönlich/Vertraulich",),
    ("Nicht nachsenden!",),
    ("Bei Umzug mit neuer Anschrift zurück!",),
    ("Wenn unzustellbar, zurück!",),
    ("Nicht nachsenden!", "Persönlich"),
)
