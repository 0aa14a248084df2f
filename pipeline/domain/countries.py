"""Country lines of addresses: the names people write, and how a postcode looks there.

Names: German, English, French and the country's own, as they stand in the last line of a letter to abroad
(UPU S42 wants the name of the country of destination in capitals). Codes: ISO 3166-1 alpha-2.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

_NAMES = """
AD Andorra; Andorre
AE Vereinigte Arabische Emirate; United Arab Emirates; UAE; Emirats Arabes Unis
AF Afghanistan
AG Antigua und Barbuda; Antigua and Barbuda
AL Albanien; Albania; Albanie; Shqiperia
AM Armenien; Armenia; Armenie
AO Angola
AR Argentinien; Argentina; Argentine
AT Österreich; Austria; Autriche; Republik Österreich
AU Australien; Australia; Australie
AZ Aserbaidschan; Azerbaijan; Azerbaidjan
BA Bosnien und Herzegowina; Bosnien-Herzegowina; Bosnia and Herzegovina; Bosnie-Herzegovine; Bosna i Hercegovina
BB Barbados; Barbade
BD Bangladesch; Bangladesh
BE Belgien; Belgium; Belgique; België; Belgie
BF Burkina Faso
BG Bulgarien; Bulgaria; Bulgarie
BH Bahrain
BI Burundi
BJ Benin
BN Brunei; Brunei Darussalam
BO Bolivien; Bolivia; Bolivie
BR Brasilien; Brazil; Brésil; Brasil
BS Bahamas
BT Bhutan
BW Botsuana; Botswana
BY Belarus; Weißrussland; Bielorussie
BZ Belize
CA Kanada; Canada
CD Demokratische Republik Kongo; Democratic Republic of the Congo; DR Kongo
CF Zentralafrikanische Republik; Central African Republic
CG Kongo; Republik Kongo; Congo
CH Schweiz; Switzerland; Suisse; Svizzera; Svizra
CI Elfenbeinküste; Côte d'Ivoire; Ivory Coast
CL Chile; Chili
CM Kamerun; Cameroon; Cameroun
CN China; Volksrepublik China; VR China; Chine; PR China; People's Republic of China
CO Kolumbien; Colombia; Colombie
CR Costa Rica
CU Kuba; Cuba
CV Kap Verde; Cabo Verde
CY Zypern; Cyprus; Chypre
CZ Tschechien; Tschechische Republik; Czech Republic; Czechia; République tchèque; Tchéquie; Česká republika; Česko
DE Deutschland; Germany; Allemagne; Bundesrepublik Deutschland; Federal Republic of Germany; BRD
DJ Dschibuti; Djibouti
DK Dänemark; Denmark; Danemark; Danmark
DM Dominica
DO Dominikanische Republik; Dominican Republic; République dominicaine
DZ Algerien; Algeria; Algérie
EC Ecuador; Equateur
EE Estland; Estonia; Estonie; Eesti
EG Ägypten; Aegypten; Egypt; Egypte
ER Eritrea
ES Spanien; Spain; Espagne; España
ET Äthiopien; Ethiopia; Ethiopie
FI Finnland; Finland; Finlande; Suomi
FJ Fidschi; Fiji
FO Färöer; Faroe Islands
FR Frankreich; France
GA Gabun; Gabon
GB Großbritannien; Vereinigtes Königreich; United Kingdom; Great Britain; England; Scotland; Schottland; Wales; UK; GB;
 Royaume-Uni; Grande-Bretagne; Nordirland; Northern Ireland
GE Georgien; Georgia; Géorgie
GG Guernsey
GH Ghana
GI Gibraltar
GL Grönland; Greenland
GM Gambia
GN Guinea
GQ Äquatorialguinea; Equatorial Guinea
GR Griechenland; Greece; Grèce; Hellas
GT Guatemala
GW Guinea-Bissau
GY Guyana
HK Hongkong; Hong Kong
HN Honduras
HR Kroatien; Croatia; Croatie; Hrvatska
HT Haiti
HU Ungarn; Hungary; Hongrie; Magyarország
ID Indonesien; Indonesia; Indonésie
IE Irland; Ireland; Irlande; Republik Irland; Republic of Ireland; Eire
IL Israel
IM Isle of Man; Insel Man
IN Indien; India; Inde
IQ Irak; Iraq
IR Iran
IS Island; Iceland; Islande
IT Italien; Italy; Italie; Italia
JE Jersey
JM Jamaika; Jamaica
JO Jordanien; Jordan; Jordanie
JP Japan; Japon
KE Kenia; Kenya
KG Kirgisistan; Kyrgyzstan
KH Kambodscha; Cambodia
KP Nordkorea; North Korea
KR Südkorea; South Korea; Republik Korea; Republic of Korea
KW Kuwait
KZ Kasachstan; Kazakhstan
LA Laos
LB Libanon; Lebanon; Liban
LC St. Lucia; Saint Lucia
LI Liechtenstein; Fürstentum Liechtenstein
LK Sri Lanka
LR Liberia
LS Lesotho
LT Litauen; Lithuania; Lituanie; Lietuva
LU Luxemburg; Luxembourg; Letzebuerg
LV Lettland; Latvia; Lettonie; Latvija
LY Libyen; Libya
MA Marokko; Morocco; Maroc
MC Monaco
MD Moldau; Moldawien; Republik Moldau; Moldova; Moldavie
ME Montenegro; Monténégro; Crna Gora
MG Madagaskar; Madagascar
MK Nordmazedonien; North Macedonia; Macédoine du Nord; Mazedonien
ML Mali
MM Myanmar
MN Mongolei; Mongolia
MO Macau; Macao
MR Mauretanien; Mauritania
MT Malta; Malte
MU Mauritius
MV Malediven; Maldives
MW Malawi
MX Mexiko; Mexico; Mexique; México
MY Malaysia
MZ Mosambik; Mozambique
NA Namibia
NE Niger
NG Nigeria
NI Nicaragua
NL Niederlande; Netherlands; The Netherlands; Pays-Bas; Nederland; Holland
NO Norwegen; Norway; Norvège; Norge
NP Nepal
NZ Neuseeland; New Zealand; Nouvelle-Zélande
OM Oman
PA Panama
PE Peru
PG Papua-Neuguinea; Papua New Guinea
PH Philippinen; Philippines
PK Pakistan
PL Polen; Poland; Pologne; Polska
PR Puerto Rico
PS Palästina; Palestine
PT Portugal
PY Paraguay
QA Katar; Qatar
RO Rumänien; Romania; Roumanie; România
RS Serbien; Serbia; Serbie; Srbija
RU Russland; Russische Föderation; Russia; Russian Federation; Russie
RW Ruanda; Rwanda
SA Saudi-Arabien; Saudi Arabia; Arabie Saoudite
SC Seychellen; Seychelles
SD Sudan
SE Schweden; Sweden; Suède; Sverige
SG Singapur; Singapore
SI Slowenien; Slovenia; Slovénie; Slovenija
SK Slowakei; Slowakische Republik; Slovakia; Slovaquie; Slovensko; Slovak Republic
SL Sierra Leone
SM San Marino; Saint-Marin
SN Senegal
SO Somalia
SR Suriname
SS Südsudan; South Sudan
SV El Salvador
SY Syrien; Syria; Syrie
SZ Eswatini
TD Tschad; Chad
TG Togo
TH Thailand; Thaïlande
TJ Tadschikistan; Tajikistan
TL Osttimor; Timor-Leste
TM Turkmenistan
TN Tunesien; Tunisia; Tunisie
TR Türkei; Turkey; Türkiye; Turquie
TT Trinidad und Tobago; Trinidad and Tobago
TW Taiwan
TZ Tansania; Tanzania
UA Ukraine; Ukraina
UG Uganda
US Vereinigte Staaten von Amerika; Vereinigte Staaten; USA; United States of America; United States; États-Unis; U.S.A.
UY Uruguay
UZ Usbekistan; Uzbekistan
VA Vatikanstadt; Vatican City; Cité du Vatican; Vatikan
VE Venezuela
VN Vietnam; Viet Nam
XK Kosovo; Kosova
YE Jemen; Yemen
ZA Südafrika; South Africa; Afrique du Sud
ZM Sambia; Zambia
ZW Simbabwe; Zimbabwe
"""

# The letter before a hyphen and a postcode (A-1010), where it is the old vehicle code or the ISO code.
PREFIXES: Mapping[str, str] = MappingProxyType(
    {
        "A": "AT", "AT": "AT", "CH": "CH", "FL": "LI", "LI": "LI", "F": "FR", "FR": "FR", "I": "IT", "IT": "IT",
        "NL": "NL", "B": "BE", "BE": "BE", "L": "LU", "LU": "LU", "DK": "DK", "S": "SE", "SE": "SE", "N": "NO",
        "NO": "NO", "FI": "FI", "FIN": "FI", "PL": "PL", "CZ": "CZ", "SK": "SK", "H": "HU", "HU": "HU", "SI": "SI",
        "SLO": "SI", "HR": "HR", "E": "ES", "ES": "ES", "P": "PT", "PT": "PT", "LV": "LV", "LT": "LT", "EE": "EE",
        "MD": "MD", "MC": "MC", "D": "DE", "DE": "DE",
    }
)  # fmt: skip

_FOUR = r"[0-9]{4}"
_FIVE = r"[0-9]{5}"
_THREE_TWO = r"[0-9]{3} ?[0-9]{2}"
_SIX = r"[0-9]{6}"

# Where the postcode stands before the town.
LEADING: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("AT", "CH", "LI", "LU", "BE", "DK", "NO", "HU", "SI", "BG", "CY", "MK", "AL", "GE"), _FOUR),
        **dict.fromkeys(("FR", "IT", "ES", "FI", "HR", "RS", "TR", "UA", "EE", "MC", "SM", "VA", "ME", "BA"), _FIVE),
        **dict.fromkeys(("SE", "CZ", "SK", "GR"), _THREE_TWO),
        **dict.fromkeys(("RO", "RU", "CN", "BY", "KZ"), _SIX),
        "PL": r"[0-9]{2}-[0-9]{3}",
        "PT": r"[0-9]{4}-[0-9]{3}",
        "NL": r"[1-9][0-9]{3} ?[A-Z]{2}",
        "LV": r"(?:LV-)?[0-9]{4}",
        "LT": r"(?:LT-)?[0-9]{5}",
        "MD": r"(?:MD-)?[0-9]{4}",
        "IL": r"[0-9]{5}(?:[0-9]{2})?",
        "JP": r"[0-9]{3}-[0-9]{4}",
    }
)

# Where it stands after the town or on a line of its own.
TRAILING: Mapping[str, str] = MappingProxyType(
    {
        "GB": r"[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2}",
        "IE": r"[A-Z][0-9][0-9W] ?[A-Z0-9]{4}",
        "US": r"[0-9]{5}(?:-[0-9]{4})?",
        "CA": r"[A-Z][0-9][A-Z] ?[0-9][A-Z][0-9]",
        "AU": _FOUR,
        "NZ": _FOUR,
        "IN": r"[0-9]{3} ?[0-9]{3}",
        "LV": r"LV-[0-9]{4}",
    }
)


def plain_name(line: str) -> str:
    """A country's name for comparing: capitals without accents, anything else than letters as one blank."""
    capitals = unicodedata.normalize("NFKD", line.replace("ß", "ss").upper())
    letters = "".join(c for c in capitals if not unicodedata.combining(c))
    return " ".join(re.findall(r"[A-Z]+", letters))


def _table() -> Mapping[str, str]:
    by_name: dict[str, str] = {}
    for entry in re.split(r"\n(?=[A-Z]{2} )", _NAMES.strip()):
        code, names = entry[:2], entry[3:]
        for name in names.split(";"):
            by_name[plain_name(name)] = code
            by_name[plain_name(name.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue").replace("Ä", "Ae"))] = code
    by_name["OESTERREICH"] = "AT"
    return MappingProxyType(by_name)


_CODE_BY_NAME = _table()


def country_code(line: str) -> str | None:
    """The ISO 3166-1 alpha-2 code of a country line in German, English, French or the country's language, or None."""
    return _CODE_BY_NAME.get(plain_name(line))
