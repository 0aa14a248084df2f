"""Address blocks as they come: what stands in the window, and what has to be read from it or said of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Block:
    """`notes`: lines over the address, the last one next to it. Either `postcode` and `country`, or `code`."""

    lines: str
    postcode: str = ""
    country: str = "DE"
    code: str = ""
    notes: str = ""
    sender: str = "Stadt Schwerin · Am Packhof 2–6 · 19053 Schwerin"

    @property
    def address(self) -> list[str]:
        """The lines of the address."""
        return self.lines.split("|")


def bad(lines: str, code: str, notes: str = "") -> Block:
    return Block(lines, code=code, notes=notes)


def abroad(lines: str, postcode: str, country: str) -> Block:
    return Block(lines, postcode, country)


BLOCKS = (
    # people
    Block("Erika Mustermann|Am Packhof 2|19053 Schwerin", "19053"),
    Block("Frau|Erika Mustermann|Am Packhof 2|19053 Schwerin", "19053"),
    Block("Frau Dr. Annegret von der Heyde-Lüttich|Große Straße 12 a|19288 Ludwigslust", "19288"),
    Block("Herrn|Prof. Dr. h. c. Jürgen Groß|Hospitalstraße 1|01097 Dresden", "01097"),
    Block("Eheleute|Karl-Heinz und Ingeborg Müller-Lüdenscheidt|Weg 5|19230 Hagenow", "19230"),
    Block("Familie Öztürk|Straße des Friedens 7|01067 Dresden", "01067"),
    Block("Frau Maria del Carmen Núñez|Kirchgasse 3|06108 Halle (Saale)", "06108"),
    Block("Herrn Łukasz Wójcik|Bahnhofstraße 9|18055 Rostock", "18055"),
    Block("Erika Mustermann geb. Schmidt|Weg 1|19370 Parchim", "19370"),
    Block("Erben nach Emil Krause|z. Hd. Frau Krause|Dorfstraße 4|19071 Cramonshagen", "19071"),
    Block("Privatklinik Seeblick GmbH|Seestraße 1|17192 Waren (Müritz)", "17192"),
    Block("Sören Eilers|Eilweg 3|25980 Sylt/Westerland", "25980"),
    Block("Per Olsson|Hafenstraße 2|18439 Stralsund", "18439"),
    Block("Bote & Sohn|Botengasse 1|99084 Erfurt", "99084"),
    # c/o, more precise places
    Block("Max Muster|c/o Familie Schulze|Ringstraße 8|19243 Wittenburg", "19243"),
    Block("Max Muster|bei Schmidt|Hinterhaus, 2. OG links|Ringstraße 8|19243 Wittenburg", "19243"),
    Block("Max Muster|Wohnpark am See, Haus 3, Whg. 17|Seeweg 3|19395 Plau am See", "19395"),
    Block("Max Muster|OT Klein Rogahn|Dorfplatz 1|19073 Stralendorf", "19073"),
    # companies and offices
    Block("Müller & Söhne GmbH & Co. KG|Gewerbepark 12|19061 Schwerin", "19061"),
    Block("Stadtwerke Lübz GmbH|Buchhaltung|Herrn Voß|An der Elde 1|19386 Lübz", "19386"),
    Block("Deutsche Post AG|Charles-de-Gaulle-Straße 20|53113 Bonn", "53113"),
    Block("Express Reinigung e. K.|Lindenstraße 4|19288 Ludwigslust", "19288"),
    Block("Dialogpost Service GmbH|Lindenstraße 4|19288 Ludwigslust", "19288"),
    Block("Rechtsanwälte|Dr. Kurz, Lang & Partner mbB|Pfaffenstraße 3|19055 Schwerin", "19055"),
    Block("1. FC Grabow 1919 e. V.|Kießerdamm 1|19300 Grabow", "19300"),
    Block("Amt Crivitz|Der Amtsvorsteher|Amtsstraße 5|19089 Crivitz", "19089"),
    Block("Amtsgericht Ludwigslust|- Grundbuchamt -|Käthe-Kollwitz-Straße 35|19288 Ludwigslust", "19288"),
    Block("WEG Lange Straße 3–7|vertreten durch Hausverwaltung Nord|Markt 1|19258 Boizenburg/Elbe", "19258"),
    # Postfach and large recipients
    Block("Deutsche Rentenversicherung Nord|Postfach 11 10 11|17041 Neubrandenburg", "17041"),
    Block("Finanzamt Schwerin|Postfach 16 02 55|19092 Schwerin", "19092"),
    Block("Frau Erika Muster|Postfach 1|01008 Dresden", "01008"),
    Block("Deutscher Bundestag|11011 Berlin", "11011"),
    Block("AOK Nordost|Die Gesundheitskasse|14456 Potsdam", "14456"),
    Block("Techniker Krankenkasse|20907 Hamburg", "20907"),
    Block("Max Muster|12345678|Packstation 101|19053 Schwerin", "19053"),
    # postcodes and towns as people write them
    Block("Erika Mustermann|Am Packhof 2|D-19053 Schwerin", "19053"),
    Block("Erika Mustermann|Am Packhof 2|DE-01067 Dresden", "01067"),
    Block("Erika Mustermann|Am Packhof 2|19053 Schwerin|DEUTSCHLAND", "19053"),
    Block("Erika Mustermann|Am Packhof 2||19053 Schwerin", "19053"),
    Block("Erika Mustermann|Rügenstraße 3|18374 Zingst a. Darß", "18374"),
    Block("Erika Mustermann|Rügenstraße 3|60311 Frankfurt am Main 1", "60311"),
    # six lines
    Block("Firma|Bau Nord GmbH|Abt. Einkauf|Frau Schmidt-Rottluff|Werkstraße 7|19061 Schwerin", "19061"),
    Block("Frau|Erika Mustermann|c/o Haus Sonne|Wohnbereich 2|Am Wald 1|17235 Neustrelitz", "17235"),
    abroad("Firma|Alpenbau AG|Herrn Huber|Ringstraße 1|A-1010 Wien|ÖSTERREICH", "1010", "AT"),
    # abroad
    abroad("Mag. Rosa Huber|Nußdorfer Lände 19/3|1190 WIEN|ÖSTERREICH", "1190", "AT"),
    abroad("Rosa Huber|Ring 1|A-8010 Graz", "8010", "AT"),
    abroad("Urs Bünzli|Bahnhofstrasse 1|8001 ZÜRICH|SCHWEIZ", "8001", "CH"),
    abroad("Jan de Vries|Prinsengracht 1|1015 DV AMSTERDAM|NIEDERLANDE", "1015 DV", "NL"),
    abroad("Jan Kowalski|ul. Długa 5|00-238 WARSZAWA|POLEN", "00-238", "PL"),
    abroad("Mme Dupont|12 rue de Rivoli|75004 PARIS|FRANKREICH", "75004", "FR"),
    abroad("Lars Jensen|Vestergade 3|1456 KØBENHAVN K|DÄNEMARK", "1456", "DK"),
    abroad("John Smith|10 Downing Street|LONDON SW1A 2AA|GROSSBRITANNIEN", "SW1A 2AA", "GB"),
    abroad("Anna Svensson|Storgatan 1|111 22 STOCKHOLM|SCHWEDEN", "111 22", "SE"),
    abroad("Mario Rossi|Via Roma 1|00184 ROMA RM|ITALIEN", "00184", "IT"),
    # over the address
    Block("Erika Mustermann|Am Packhof 2|19053 Schwerin", "19053", notes="Nicht nachsenden!"),
    Block("Erika Mustermann|Am Packhof 2|19053 Schwerin", "19053", notes="Persönlich/Vertraulich"),
    Block("Erika Mustermann|Am Packhof 2|19053 Schwerin", "19053", notes="Bei Umzug mit neuer Anschrift zurück!"),
    Block("Erika Mustermann|Am Packhof 2|19053 Schwerin", "19053", notes="PREMIUMADRESS BASIS|Nicht nachsenden!"),
    Block("Erika Mustermann|Am Packhof 2|19053 Schwerin", "19053", notes="Eilt! Bitte sofort vorlegen"),
    Block("Erika Mustermann|Am Packhof 2|19053 Schwerin", "19053", notes="DV 03 0,95 Deutsche Post"),
    Block("Erika Mustermann|Weg 2|19053 Schwerin", "19053", sender="Amt Crivitz, Amtsstr. 5, 19089 Crivitz"),
    Block("Erika Mustermann|Weg 2|19053 Schwerin", "19053", sender=""),
    Block("Erika Mustermann|Weg 2|19053 Schwerin", "19053", sender="Landrat LUP | PF 1263 | 19362 Parchim"),
    # special products
    bad("Erika Mustermann|Weg 2|19053 Schwerin", "special-delivery", "Einschreiben"),
    bad("Erika Mustermann|Weg 2|19053 Schwerin", "special-delivery", "Einschreiben mit Rückschein"),
    bad("Erika Mustermann|Weg 2|19053 Schwerin", "special-delivery", "Persönlich / Einwurf-Einschreiben"),
    bad("Erika Mustermann|Weg 2|19053 Schwerin", "special-delivery", "Förmliche Zustellung"),
    bad("Erika Mustermann|Weg 2|19053 Schwerin", "special-delivery", "Mit Postzustellungsurkunde"),
    bad("Erika Mustermann|Weg 2|19053 Schwerin", "special-delivery", "PZU"),
    bad("Erika Mustermann|Weg 2|19053 Schwerin", "special-delivery", "Per Boten"),
    # what goes back
    bad("Erika Mustermann|Am Packhof 2", "address-incomplete"),
    bad("Erika Mustermann|Am Packhof 2|Schwerin", "address-incomplete"),
    bad("Erika Mustermann|Am Packhof 2|1905 Schwerin", "address-incomplete"),
    bad("Erika Mustermann|Am Packhof 2|190533 Schwerin", "address-incomplete"),
    bad("Erika Mustermann|Am Packhof 2|19053", "address-incomplete"),
    bad("Erika Mustermann|Am Packhof 2|I9O53 Schwerin", "address-incomplete"),
    bad("19053 Schwerin", "address-incomplete"),
    bad("Erika Mustermann|Am Packhof 2|99999 Nirgendwo", "postcode-unknown"),
    bad("Erika Mustermann|Am Packhof 2|00123 Nirgendwo", "postcode-unknown"),
    bad("Rosa Huber|Ring 1|WIEN", "address-incomplete"),
    bad("", "address-not-found"),
)
