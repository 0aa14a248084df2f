"""What the benchmark's dense pages say. German, written for it; names, numbers and cases are invented.

Placeholders: {iban} {amount} {amount2} {day} {past} {long} {ref} {section} {town} {street} {name}.
"""

from __future__ import annotations

DENSE = (
    "Auf Ihren Antrag vom {past} ergeht unter dem Aktenzeichen {ref} die folgende Entscheidung. Sie stützt sich auf "
    "{section} der Satzung in der Fassung vom {day} und berücksichtigt die nachgereichten Unterlagen.",
    "Die Höhe der Gebühr bemisst sich nach der überdachten Fläche. Für das Grundstück {street} wurden {amount} "
    "festgesetzt; hiervon haben Sie bis zum {past} bereits {amount2} gezahlt. Den Rest überweisen Sie bitte auf "
    "{iban}.",
    "Der Widerspruch hat nach {section} keine aufschiebende Wirkung. Die Vollziehung kann auf Antrag ausgesetzt "
    "werden, wenn ernstliche Zweifel bestehen oder wenn sie für Sie eine unbillige Härte zur Folge hätte.",
    "Am {long} fand vor Ort eine Besichtigung statt. Dabei wurde festgestellt, dass die Böschung abgerutscht ist, die "
    "Entwässerung nicht genügt und der Zaun die zulässige Höhe von 1,80 m um 35 cm überschreitet.",
    "Außerdem müssen die Rückstände getilgt werden. Einschließlich Säumniszuschlägen sind es {amount}, zahlbar bis "
    "spätestens {day}. Bei Ratenzahlung ermäßigt sich die erste Rate auf {amount2}.",
    "Wir weisen darauf hin, dass Änderungen der Anschrift, des Familienstands und der Einkünfte unverzüglich "
    "mitzuteilen sind. Verstöße können nach {section} mit einer Geldbuße bis zu {amount} geahndet werden.",
    "Für die Überprüfung benötigen wir: Größe und Baujahr des Gebäudes, Zahl der Stockwerke, Höhe über Gelände, Maße "
    "der Öffnungen sowie einen amtlichen Lageplan, der nicht älter als drei Monate ist.",
    "Das Verfahren {ref} wird bis zur Klärung der Eigentumsverhältnisse ruhend gestellt. Frühestens am {day} wird es "
    "von Amts wegen wieder aufgenommen; einer Mahnung bedarf es nicht.",
    "Sofern Sie am Lastschriftverfahren teilnehmen, buchen wir den Betrag von {amount} am {day} von Ihrem Konto "
    "{iban} ab. Sorgen Sie bitte für ausreichende Deckung, denn Rücklastschriften kosten {amount2}.",
    "{name} hat erklärt, die Straßenreinigung vor den Häusern {street} weiterhin selbst zu übernehmen. Die "
    "Vereinbarung vom {past} bleibt unberührt; sie verlängert sich um jeweils ein Jahr.",
    "Die Untere Wasserbehörde äußerte gegen die Maßnahme keine Bedenken, sofern der Abstand zum Gewässer mindestens "
    "fünf Meter beträgt ({section}). Die Fällung der drei Eschen ist ausgleichspflichtig.",
    "Nach Ablauf der Frist am {day} entscheiden wir nach Aktenlage. Später eingehende Nachweise können nur noch im "
    "Rechtsbehelfsverfahren berücksichtigt werden, wie es {section} vorsieht.",
    "Für Kinder unter sechs Jahren, Schüler, Auszubildende und Menschen mit Schwerbehinderung ermäßigt sich der "
    "Eintritt auf die Hälfte. Größere Gruppen melden sich bitte spätestens am {day} an.",
    "Der Zuwendungsbescheid vom {past}, Geschäftszeichen {ref}, wird insoweit aufgehoben, als ein Betrag von {amount} "
    "nicht zweckentsprechend verwendet wurde. Er ist vom {day} an mit fünf Prozent zu verzinsen.",
)

SECTIONS = (
    "Geltungsbereich",
    "Begriffsbestimmungen",
    "Gebührenschuldner",
    "Gebührenmaßstab",
    "Fälligkeit und Säumnis",
    "Ermäßigungen und Befreiungen",
    "Pflichten der Anlieger",
    "Straßenreinigung und Winterdienst",
    "Ordnungswidrigkeiten",
    "Übergangsvorschriften",
    "Inkrafttreten, Außerkrafttreten",
)

RULES = (
    "Gebührenschuldner ist, wer am Fälligkeitstag Eigentümer des erschlossenen Grundstücks ist. Mehrere Schuldner "
    "haften als Gesamtschuldner ({section}).",
    "Die Gebühr beträgt je angefangenen Frontmeter {amount} im Jahr, mindestens jedoch {amount2}. Flächen unter 15 m² "
    "bleiben außer Ansatz.",
    "Bei Glätte ist so früh zu streuen, dass der Fußgängerverkehr zwischen 7 und 20 Uhr gefahrlos möglich ist. Schnee "
    "darf nicht auf die Straße geschoben werden.",
    "Ausnahmen von {section} können auf schriftlichen Antrag zugelassen werden, wenn überwiegende Gründe des "
    "öffentlichen Wohls nicht entgegenstehen.",
    "Ordnungswidrig handelt, wer vorsätzlich oder fahrlässig entgegen {section} den Gehweg nicht räumt; die Geldbuße "
    "kann bis zu {amount} betragen.",
    "Die Satzung tritt am {day} in Kraft. Gleichzeitig tritt die Satzung vom {past} außer Kraft, zuletzt geändert "
    "durch Beschluss Nr. {ref}.",
    "Hunde sind innerhalb geschlossener Ortschaften an der Leine zu führen. Für läufige Hündinnen und bissige Tiere "
    "gilt dies überall; {section} bleibt unberührt.",
    "Anträge auf Ermäßigung sind bis zum {day} zu stellen. Die Nachweise dürfen nicht älter als sechs Monate sein.",
    "Als Geschoss gilt auch das ausgebaute Dachgeschoss, wenn es über mindestens zwei Drittel seiner Grundfläche eine "
    "lichte Höhe von 2,30 m hat.",
    "Zahlungen sind unter Angabe des Kassenzeichens auf das Konto {iban} zu leisten. Teilbeträge unter {amount2} "
    "werden nicht angenommen.",
    "Änderungen der Größe oder der Nutzung sind binnen eines Monats anzuzeigen. Rückständige Gebühren werden nach "
    "{section} im Verwaltungszwangsverfahren beigetrieben.",
    "Die Gemeinde führt über die Größe der Grundstücke ein Verzeichnis. Einsicht erhält, wer ein berechtigtes "
    "Interesse glaubhaft macht.",
)
LAWS = ("BauGB", "VwVfG", "KAG M-V", "OWiG", "SGB X", "AO", "LBauO M-V", "StrWG M-V", "VwGO", "BGB")
