"""What citizens and suppliers write to the administration. German, written for these samples."""

from __future__ import annotations

from samples.texts import Matter

POST: tuple[Matter, ...] = (
    Matter(
        "objection",
        "",
        "Widerspruch gegen Ihren Bescheid vom {past}, Kassenzeichen {ref}",
        (
            "gegen den oben genannten Bescheid lege ich fristgerecht Widerspruch ein.",
            "Sie haben eine Grundstücksfläche von 1.248 m² zugrunde gelegt. Tatsächlich wurde im vorigen Jahr eine "
            "Teilfläche von 316 m² an meinen Nachbarn verkauft. Den Auszug aus dem Grundbuch füge ich in Kopie bei.",
            "Ich bitte Sie, die Festsetzung zu ändern und mir den zu viel gezahlten Betrag von {amount} auf mein Konto "
            "{iban} zu erstatten. Außerdem beantrage ich, die Vollziehung bis zur Entscheidung auszusetzen.",
        ),
    ),
    Matter(
        "street-light",
        "",
        "Defekte Straßenbeleuchtung vor dem Haus {street}",
        (
            "seit nunmehr drei Wochen sind vor unserem Haus zwei Laternen ausgefallen. Die Leuchten tragen die Nummern "
            "2217 und 2218. Abends ist der Gehweg stockfinster, und die Gehwegplatten stehen dort hoch.",
            "Am Dienstag ist meine Mutter, 84 Jahre alt, an dieser Stelle gestürzt. Zum Glück blieb es bei "
            "Abschürfungen. Ich habe den Schaden bereits am {past} telefonisch gemeldet, aber bis heute nichts gehört.",
            "Bitte veranlassen Sie die Reparatur umgehend und teilen Sie mir mit, bis wann ich damit rechnen kann.",
        ),
    ),
    Matter(
        "building-enquiry",
        "",
        "Bauvoranfrage für das Grundstück Gemarkung {town}, Flur 3, Flurstück 87/2",
        (
            "ich beabsichtige, auf dem genannten Grundstück ein Einfamilienhaus mit Doppelgarage zu errichten, und "
            "bitte um Auskunft, ob das Vorhaben nach § 34 BauGB zulässig ist.",
            "Geplant ist ein eingeschossiges Gebäude mit ausgebautem Dachgeschoss, Grundfläche 11,50 m × 9,80 m, "
            "Firsthöhe 8,40 m, Satteldach mit 38° Neigung. Die Zufahrt soll über die {street} erfolgen.",
            "Lageplan im Maßstab 1:500, Ansichten und eine kurze Baubeschreibung liegen in zwei Ausfertigungen bei. "
            "Für Rückfragen erreichen Sie mich tagsüber unter 0385 000-4477.",
        ),
    ),
    Matter(
        "nursery",
        "",
        "Kündigung des Betreuungsplatzes zum {due}",
        (
            "hiermit kündige ich den Betreuungsvertrag für unsere Tochter in der Kita „Störtebekers Räuberhöhle“ "
            "fristgerecht zum oben genannten Tag, weil wir nach Lüneburg umziehen.",
            "Bitte bestätigen Sie mir den Eingang schriftlich und rechnen Sie das Essengeld bis zum letzten Besuchstag "
            "ab. Das Lastschriftmandat widerrufe ich zum selben Zeitpunkt.",
            "Den Erzieherinnen der Gruppe „Füchse“ danken wir herzlich. Unsere Kleine wäre am liebsten geblieben.",
        ),
    ),
    Matter(
        "extension",
        "",
        "Az. {ref}: Bitte um Fristverlängerung",
        (
            "Ihr Schreiben vom {past} habe ich erhalten. Die geforderten Nachweise kann ich leider nicht bis zu dem "
            "gesetzten Termin beibringen, weil mein Arbeitgeber die Bescheinigung erst Ende des Monats ausstellt.",
            "Ich bitte daher, die Frist bis zum {due} zu verlängern. Sollte das nicht möglich sein, teilen Sie mir das "
            "bitte unverzüglich mit.",
        ),
    ),
    Matter(
        "dog",
        "",
        "Anmeldung eines Hundes",
        (
            "zum {date} habe ich einen Hund aufgenommen und melde ihn hiermit zur Hundesteuer an: Rauhaardackel, Rüde, "
            "geworfen am {past}, Rufname „Moritz“, Chipnummer 276 09810 2345 678.",
            "Es ist der einzige Hund in unserem Haushalt. Die Haftpflichtversicherung besteht bei der "
            "Elde-Versicherung a. G., Vertrag {ref}. Bitte senden Sie mir die Steuermarke zu.",
            "Da der Hund aus dem Tierheim stammt, beantrage ich die Steuerbefreiung für das erste Jahr nach § 6 Ihrer "
            "Satzung. Eine Bestätigung des Tierheims liegt bei.",
        ),
    ),
    Matter(
        "records",
        "",
        "Akteneinsicht in der Bußgeldsache {ref}",
        (
            "in der vorbezeichneten Angelegenheit zeige ich an, dass mich die betroffene Person mit der Verteidigung "
            "beauftragt hat; ordnungsgemäße Vollmacht wird anwaltlich versichert.",
            "Ich beantrage, mir Akteneinsicht zu gewähren, einschließlich des Messprotokolls, des Eichscheins, der "
            "vollständigen Messreihe und der Lebensakte des verwendeten Geräts. Bis dahin wird keine Stellungnahme "
            "abgegeben.",
            "Vorsorglich lege ich gegen einen bereits ergangenen Bescheid Einspruch ein. Die Akte wird binnen drei "
            "Tagen nach Eingang zurückgesandt.",
        ),
    ),
    Matter(
        "club",
        "",
        "Antrag auf Zuwendung für das Sommerfest am {due}",
        (
            "unser Verein möchte auch in diesem Jahr das Fest am Röthsoll ausrichten. Erwartet werden etwa 350 Gäste, "
            "darunter viele Familien. Wir beantragen dafür einen Zuschuss von {amount}.",
            "Die Gesamtkosten und ihre Deckung stellen wir in der folgenden Übersicht dar:",
        ),
        "budget",
        (
            "Belege reichen wir nach dem Fest geordnet ein. Eine Sondernutzung der Wiese und die Ausschankerlaubnis "
            "haben wir mit getrenntem Schreiben beantragt.",
        ),
    ),
)

INVOICES: tuple[Matter, ...] = (
    Matter(
        "office-supplies",
        "Bürobedarf Techentin GmbH",
        "Rechnung Nr. {ref}",
        ("vielen Dank für Ihre Bestellung vom {past}. Wir berechnen Ihnen die folgenden Lieferungen:",),
        "invoice-office",
        (
            "Zahlbar ohne Abzug bis zum {due} auf unser Konto {iban}. Die Ware bleibt bis zur vollständigen Bezahlung "
            "unser Eigentum.",
        ),
    ),
    Matter(
        "winter-service",
        "Garten- und Landschaftsbau Kälberbruch e. K.",
        "Rechnung {ref}: Winterdienst und Grünpflege",
        (
            "für die vertraglich vereinbarten Leistungen an den Objekten {street} und Feuerwehrgerätehaus erlauben wir "
            "uns, wie folgt abzurechnen:",
        ),
        "invoice-garden",
        ("Der Rechnungsbetrag ist innerhalb von 14 Tagen fällig. Bankverbindung: {iban}. Leistungen bis {past}.",),
    ),
    Matter(
        "electrician",
        "Elektro Füllgraf GmbH",
        "Rechnung {ref} · Auftrag vom {past}",
        ("wir haben die Arbeiten in der Grundschule „Am Füllort“ auftragsgemäß ausgeführt und berechnen:",),
        "invoice-electric",
        (
            "Bitte überweisen Sie {amount} bis zum {due} auf {iban}. Bei Zahlung innerhalb von 8 Tagen gewähren wir "
            "2 % Skonto auf den Materialanteil.",
        ),
    ),
    Matter(
        "road-works",
        "Tief- und Straßenbau Röthsoll GmbH",
        "2. Abschlagsrechnung {ref}, Gehweg {street}",
        ("gemäß Bauvertrag vom {past} und dem gemeinsamen Aufmaß stellen wir die folgenden Mengen in Rechnung:",),
        "invoice-road",
        (
            "Steuerschuldnerschaft und Freistellung: Eine gültige Bescheinigung nach § 48b EStG liegt Ihnen vor. "
            "Zahlung erbeten bis {due}, Konto {iban}.",
        ),
    ),
)
