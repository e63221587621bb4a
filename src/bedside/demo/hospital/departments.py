"""The plan of UMC Scheldemond: 27 specialties, the sections and services beside them, and the wards with beds."""

from __future__ import annotations

from typing import NamedTuple

from bedside.demo.codes import SNOMED, Json, coding, concept, local


class Department(NamedTuple):
    """A specialty, or a section of one (`parent`), with its route to the clinic and its size in consultants."""

    key: str
    name: str
    dutch: str
    snomed: str
    display: str
    route: int
    consultants: int
    parent: str = ""
    clinic: bool = True
    """Whether patients come to it."""


class Ward(NamedTuple):
    """A nursing ward: its department, short name on doors, floor and number of beds."""

    key: str
    name: str
    department: str
    label: str
    beds: int
    kind: str = "ward"
    """`ward`, `icu`, `day` (chairs and trolleys) or `emergency`."""


_D = Department
SPECIALTIES: tuple[Department, ...] = (
    _D("anaesthesiology", "Anaesthesiology", "Anesthesiologie", "394577000", "Anesthetics", 11, 5),
    _D("cardiology", "Cardiology", "Cardiologie", "394579002", "Cardiology", 41, 6),
    _D("cardiothoracic", "Cardiothoracic surgery", "Cardiothoracale chirurgie", "408466002", "Surgery-Cardiac surgery", 42, 3),
    _D("dermatology", "Dermatology", "Dermatologie", "394582007", "Dermatology", 23, 4),
    _D("emergency", "Emergency medicine", "Spoedeisende hulp", "394576009", "Surgical-Accident & emergency", 1, 5),
    _D("ent", "Ear, nose and throat", "Keel-, neus- en oorheelkunde", "418960008", "Otolaryngology", 24, 3),
    _D("gastroenterology", "Gastroenterology and hepatology", "Maag-, darm- en leverziekten", "394584008", "Gastroenterology", 33, 4),
    _D("genetics", "Clinical genetics", "Klinische genetica", "394580004", "Clinical genetics", 12, 3),
    _D("geriatrics", "Geriatrics", "Klinische geriatrie", "394811001", "Geriatric medicine", 52, 3),
    _D("internal", "Internal medicine", "Interne geneeskunde", "419192003", "Internal medicine", 31, 5),
    _D("microbiology", "Medical microbiology", "Medische microbiologie", "408454008", "Clinical microbiology", 5, 3, clinic=False),
    _D("neurology", "Neurology", "Neurologie", "394591006", "Neurology", 51, 5),
    _D("neurosurgery", "Neurosurgery", "Neurochirurgie", "394610002", "Surgery-Neurosurgery", 53, 3),
    _D("obgyn", "Obstetrics and gynaecology", "Obstetrie en gynaecologie", "394585009", "Obstetrics and gynecology", 61, 6),
    _D("ophthalmology", "Ophthalmology", "Oogheelkunde", "394594003", "Ophthalmology", 25, 4),
    _D("orthopaedics", "Orthopaedics and traumatology", "Orthopedie en traumatologie", "394801008", "Surgery-Trauma and orthopedics", 71, 5),
    _D("paediatrics", "Paediatrics", "Kindergeneeskunde", "394537008", "Pediatric specialty", 62, 6),
    _D("pathology", "Pathology", "Pathologie", "394915009", "General pathology", 6, 3, clinic=False),
    _D("plastic", "Plastic surgery", "Plastische chirurgie", "394611003", "Surgery-Plastic surgery", 26, 3),
    _D("psychiatry", "Psychiatry", "Psychiatrie", "394587001", "Psychiatry", 81, 4),
    _D("pulmonology", "Pulmonology", "Longziekten", "418112009", "Pulmonary medicine", 43, 4),
    _D("radiology", "Radiology", "Radiologie", "394914008", "Radiology", 2, 5),
    _D("radiotherapy", "Radiotherapy", "Radiotherapie", "419815003", "Radiation oncology", 3, 3),
    _D("rehabilitation", "Rehabilitation medicine", "Revalidatiegeneeskunde", "394602003", "Rehabilitation", 72, 3),
    _D("rheumatology", "Rheumatology", "Reumatologie", "394810000", "Rheumatology", 34, 3),
    _D("surgery", "Surgery", "Heelkunde", "394609007", "Surgery-general", 21, 6),
    _D("urology", "Urology", "Urologie", "394612005", "Urology", 22, 3),
)  # fmt: skip
"""The 27 specialties, in order of name."""

SECTIONS: tuple[Department, ...] = (
    _D("nephrology", "Nephrology", "Nefrologie", "394589003", "Nephrology", 35, 4, "internal"),
    _D("haematology", "Haematology", "Hematologie", "394803006", "Clinical hematology", 36, 4, "internal"),
    _D("oncology", "Medical oncology", "Medische oncologie", "394593009", "Medical oncology", 37, 4, "internal"),
    _D("endocrinology", "Endocrinology", "Endocrinologie", "394583002", "Endocrinology", 38, 3, "internal"),
    _D("infectious", "Infectious diseases", "Infectieziekten", "394807007", "Infectious diseases", 39, 2, "internal"),
    _D("intensive-care", "Intensive care", "Intensive care", "408478003", "Critical care medicine", 4, 4, "anaesthesiology", clinic=False),
    _D("pain", "Pain medicine", "Pijngeneeskunde", "394882004", "Pain management", 13, 2, "anaesthesiology"),
    _D("palliative", "Palliative care", "Palliatieve zorg", "394806003", "Palliative medicine", 14, 2, "internal"),
)  # fmt: skip

DEPARTMENTS: dict[str, Department] = {d.key: d for d in SPECIALTIES + SECTIONS}


class Service(NamedTuple):
    """A service that is no medical specialty: pharmacy, laboratory, nursing, and so on."""

    key: str
    name: str
    dutch: str


SERVICES: tuple[Service, ...] = (
    Service("pharmacy", "Hospital pharmacy", "Ziekenhuisapotheek"),
    Service("laboratory", "Clinical chemistry and haematology laboratory", "Klinisch-chemisch laboratorium"),
    Service("nursing", "Nursing", "Verpleegkundige dienst"),
    Service("allied", "Allied health: physiotherapy, dietetics, social work", "Paramedische diensten"),
    Service("transplant", "Transplant centre", "Transplantatiecentrum"),
    Service("education", "Medical education", "Medisch onderwijs en opleidingen"),
)

_W = Ward
WARDS: dict[str, Ward] = {
    w.key: w
    for w in (
        _W("emergency", "Emergency department", "emergency", "SEH", 14, "emergency"),
        _W("acute", "Acute admissions", "internal", "A1", 8),
        _W("cardiology", "Cardiology", "cardiology", "C4", 8),
        _W("ccu", "Coronary care unit", "cardiology", "C4H", 4),
        _W("cardiothoracic", "Cardiothoracic surgery", "cardiothoracic", "C5", 5),
        _W("pulmonology", "Pulmonology", "pulmonology", "D4", 8),
        _W("gastroenterology", "Gastroenterology", "gastroenterology", "D3", 7),
        _W("nephrology", "Nephrology and kidney transplantation", "nephrology", "D5", 7),
        _W("haematology", "Haematology and stem cell transplantation", "haematology", "E5", 7),
        _W("oncology", "Oncology", "oncology", "E4", 8),
        _W("internal", "Internal medicine and infectious diseases", "internal", "D2", 9),
        _W("neurology", "Neurology and stroke unit", "neurology", "B4", 9),
        _W("neurosurgery", "Neurosurgery", "neurosurgery", "B5", 6),
        _W("psychiatry", "Psychiatry", "psychiatry", "P1", 8),
        _W("geriatrics", "Geriatrics", "geriatrics", "B2", 8),
        _W("rehabilitation", "Rehabilitation", "rehabilitation", "R1", 8),
        _W("paediatrics", "Children", "paediatrics", "K2", 8),
        _W("nicu", "Neonatal intensive care", "paediatrics", "K3", 8, "icu"),
        _W("maternity", "Maternity", "obgyn", "V3", 8),
        _W("gynaecology", "Gynaecology, plastic surgery, ENT and eyes", "obgyn", "V2", 8),
        _W("surgery", "Surgery", "surgery", "A4", 9),
        _W("vascular", "Vascular surgery", "surgery", "A5", 5),
        _W("orthopaedics", "Orthopaedics and trauma", "orthopaedics", "A3", 9),
        _W("urology", "Urology", "urology", "A6", 5),
        _W("icu", "Intensive care", "intensive-care", "IC", 14, "icu"),
        _W("day-treatment", "Day treatment", "oncology", "T1", 12, "day"),
        _W("day-surgery", "Day surgery", "surgery", "T2", 10, "day"),
        _W("dialysis", "Dialysis", "nephrology", "T3", 12, "day"),
    )
}  # fmt: skip


def bed_id(ward: str, number: int) -> str:
    """The id of a bed's Location; beds are numbered from 1."""
    return f"bed-{ward}-{number:02d}"


ROOM_TYPES: dict[str, Json] = {
    kind: concept(name, coding("http://terminology.hl7.org/CodeSystem/v3-RoleCode", code, name))
    for kind, code, name in (
        ("ward", "HU", "Hospital unit"),
        ("icu", "ICU", "Intensive care unit"),
        ("day", "HU", "Hospital unit"),
        ("emergency", "ER", "Emergency room"),
    )
}

SPECIALTY_CONCEPTS: dict[str, Json] = {
    d.key: concept(d.name, coding(SNOMED, d.snomed, d.display)) for d in DEPARTMENTS.values()
}
"""The CodeableConcept of each specialty and section."""

for _department in DEPARTMENTS.values():
    SPECIALTY_CONCEPTS[_department.key]["coding"].append(local("specialties", _department.key, _department.name))
