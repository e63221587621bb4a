"""Names as one hears them in a hospital on the Dutch-Flemish border; every combination is made up.

Given names come in three generations (born before 1960, before 1990, later) for Dutch and Flemish people, and in
one list for the others.
"""

from __future__ import annotations

from random import Random
from typing import NamedTuple


class Origin(NamedTuple):
    """Where a family comes from: its share of the population on each side of the border, names and languages."""

    key: str
    dutch_share: float
    belgian_share: float
    men: tuple[tuple[str, ...], ...]
    women: tuple[tuple[str, ...], ...]
    families: tuple[str, ...]
    language: str = "nl"
    """Language spoken by those born before about 1975; their children speak Dutch."""


def _split(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _families(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(","))


ORIGINS: tuple[Origin, ...] = (
    Origin(
        "dutch", 0.74, 0.08,
        (_split("Adriaan Jacobus Cornelis Johannes Pieter Hendrik Willem Leendert Marinus Abraham Izaak Gerrit Arie Jan Krijn Jozias"),
         _split("Marco Patrick Erik Edwin Dennis Jeroen Martijn Bas Sander Rob Michiel Arjan Wouter Niels Mark Peter Ronald"),
         _split("Sem Daan Lucas Levi Finn Bram Milan Thijs Jesse Luuk Noah Gijs Mees Ties Boaz Stijn Teun Olaf")),
        (_split("Adriana Johanna Cornelia Maatje Pieternella Neeltje Jacoba Wilhelmina Tannetje Suzanna Janna Elizabeth Krina Leuntje"),
         _split("Monique Marjolein Saskia Esther Ingrid Petra Linda Mirjam Marieke Anouk Sandra Bianca Wendy Judith Chantal Karin"),
         _split("Emma Julia Mila Tess Sophie Zoe Sara Nora Yara Lotte Fenna Evi Liv Anna Roos Noor Isa Fleur")),
        _families("de Jonge, van de Velde, Wisse, Meulmeester, Dekker, de Visser, Poppe, Minderhoud, van Sluijs, Kloosterman, Jobse, Francke, Boogaard, de Wolf, Maas, Dieleman, van Damme, Hamelink, Scheele, de Regt, Wolfert, van Hoeve, Goedbloed, Riemens, Koole, Verhage, de Bruijne, Kaan, Platteeuw, Sanderse, Vermue, van Kerkhove, Leenhouts, Bakker, Jansen, de Vries, Marijs, Tollenaar, Risseeuw, Zwemer"),
    ),
    Origin(
        "flemish", 0.06, 0.66,
        (_split("Roger Albert Georges Gilbert Willy Marcel Etienne Julien Roland Achiel Maurice Gerard Odilon Remi Noel"),
         _split("Geert Kristof Bart Filip Dirk Stefaan Johan Koen Tom Wim Steven Luc Patrick Kurt Bjorn Jurgen"),
         _split("Lars Jef Vic Mathis Arthur Rune Seppe Kobe Warre Lowie Robbe Wannes Siebe Emiel Briek Ferre")),
        (_split("Godelieve Simonne Denise Jeannine Paula Yvonne Irma Mariette Rachel Lucienne Agnes Georgette Alice Zulma"),
         _split("Ann Katrien Els Sofie Nathalie Veerle Griet Inge Hilde Leen Tine Kathleen Sabine Isabelle Tineke Heidi"),
         _split("Elise Marie Lena Ella Nore Juna Febe Amber Hanne Lore Jade Paulien Janne Fien Oona Babette")),
        _families("De Smet, Van den Bossche, Claeys, Verstraete, De Clercq, Goethals, Van Hecke, Dhondt, Lippens, De Baets, Van de Walle, Maenhout, Vermeire, Cnudde, De Keyser, Roelandt, Buysse, Van Acker, Steyaert, Haegeman, De Pauw, Wauters, Peeters, Bogaert, Van Speybroeck, Lammens, D'Hooghe, Mortier, Everaert, Van Damme, Coppens, Bonte, De Ridder, Matthys, Vandevelde, Temmerman"),
    ),
    Origin(
        "walloon", 0.01, 0.07, (_split("Olivier Benoit Thierry Luc Antoine Nicolas Philippe Maxime Laurent Hugo"),),
        (_split("Chantal Brigitte Martine Sylvie Aurelie Camille Florence Manon Charlotte Odette"),),
        _families("Lambert, Dubois, Leclercq, Renard, Delvaux, Collignon, Wauthier, Gillet, Marchal, Noiret"), "fr",
    ),
    Origin(
        "turkish", 0.045, 0.05, (_split("Mehmet Mustafa Hasan Emre Burak Yusuf Ibrahim Kerem Cem Orhan Serkan Eymen"),),
        (_split("Fatma Emine Ayse Elif Zeynep Hatice Merve Sevgi Defne Gulsen Azra Nuray"),),
        _families("Yilmaz, Kaya, Demir, Celik, Sahin, Aydin, Ozturk, Arslan, Polat, Korkmaz, Dogan, Tekin"), "tr",
    ),
    Origin(
        "moroccan", 0.045, 0.06, (_split("Mohamed Ahmed Hassan Rachid Youssef Bilal Said Karim Omar Ilyas Adam Hamza"),),
        (_split("Fatima Khadija Naima Samira Amina Malika Salma Hanane Soukaina Nour Ikram Aya"),),
        _families("El Idrissi, Bouzid, Amrani, Benali, El Haddad, Chakir, Azzouzi, Tahiri, Ouali, Mansouri, El Yousfi, Belkacem"), "ar",
    ),
    Origin(
        "surinamese", 0.035, 0.005, (_split("Ricardo Ruben Winston Glenn Soeradj Dewan Clyde Romeo Ravi Jaydon"),),
        (_split("Ingrid Sharda Marlene Chitra Astrid Joyce Sandhia Xaviera Priya Rinia"),),
        _families("Ramdin, Soerodimedjo, Pinas, Kartosen, Bhagwandin, Vreden, Amatsoeri, Jagesar, Lieveld, Biharie, Fernandes"),
    ),
    Origin(
        "antillean", 0.015, 0.0, (_split("Rudsel Jairo Humphrey Errol Quincy Melvin"),), (_split("Sharella Ludwina Gisette Tamara Mireya Jahaira"),),
        _families("Martina, Girigori, Rosalia, Statia, Pieternella, Maduro, Winklaar"), "pap",
    ),
    Origin(
        "polish", 0.025, 0.02, (_split("Piotr Tomasz Krzysztof Marek Jakub Pawel Wojciech Filip"),), (_split("Agnieszka Katarzyna Malgorzata Ewa Zofia Joanna Magdalena Maja"),),
        _families("Kowalczyk, Wisniewska, Zielinski, Wozniak, Mazur, Krawczyk, Pawlak, Grabowska"), "pl",
    ),
    Origin(
        "levantine", 0.015, 0.03, (_split("Khaled Mahmoud Ammar Nabil Tarek Walid Anas Sami"),), (_split("Rania Hala Dima Lina Mariam Samar Yasmin Rima"),),
        _families("Al Khatib, Haddad, Darwish, Nassar, Al Masri, Kassem, Shaheen, Othman"), "ar",
    ),
    Origin(
        "international", 0.02, 0.025, (_split("James Oluwaseun Dmytro Andrei Rahul Kwame Chen Mateus"),), (_split("Susan Ngozi Oksana Elena Ananya Abena Mei Beatriz"),),
        _families("Ferreira, Adeyemi, Kovalenko, Popescu, Sharma, Mensah, Liu, Taylor, Silva"), "en",
    ),
)  # fmt: skip


class Name(NamedTuple):
    """A person's name in parts, as a HumanName needs them."""

    given: str
    second: str
    """A second given name, or empty."""
    family: str

    @property
    def full(self) -> str:
        """Given and family name: `Tess de Jonge`."""
        return f"{self.given} {self.family}"

    @property
    def sorted(self) -> str:
        """As on a list: `Jonge, Tess de`, Dutch fashion; Flemish and other prefixes stay in front."""
        words = self.family.split()
        small = 0
        while small < len(words) - 1 and words[small] in ("van", "de", "den", "der"):
            small += 1
        return f"{' '.join(words[small:])}, {self.given} {' '.join(words[:small])}".strip()


def draw_origin(rng: Random, country: str) -> Origin:
    """An origin, by its share in the country (`NL` or `BE`)."""
    return rng.choices(ORIGINS, [o.dutch_share if country == "NL" else o.belgian_share for o in ORIGINS])[0]


def draw_given(rng: Random, origin: Origin, sex: str, birth_year: int) -> str:
    """A given name that suits sex and generation."""
    pools = origin.men if sex == "male" else origin.women
    return rng.choice(pools[min(len(pools) - 1, 0 if birth_year < 1960 else 1 if birth_year < 1990 else 2)])


def draw_name(rng: Random, origin: Origin, sex: str, birth_year: int) -> Name:
    """A whole name; one in three people has a second given name."""
    given = draw_given(rng, origin, sex, birth_year)
    second = draw_given(rng, origin, sex, birth_year) if rng.random() < 0.33 else ""
    return Name(given, "" if second == given else second, rng.choice(origin.families))
