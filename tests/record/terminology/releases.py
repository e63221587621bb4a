"""Small files of the shapes that LOINC, ICD-10, ATC and RxNorm are released in. All contents are invented."""

from __future__ import annotations

from pathlib import Path


def _write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def _csv(*rows: str) -> str:
    return "\n".join(",".join(f'"{cell}"' for cell in row.split(";")) for row in rows) + "\n"


def loinc(folder: Path) -> Path:
    return _write(folder / "Loinc_9.87", {
        "LoincTable/Loinc.csv": _csv(
            "LOINC_NUM;COMPONENT;PROPERTY;TIME_ASPCT;SYSTEM;SCALE_TYP;METHOD_TYP;CLASS;VersionLastChanged;STATUS;CONSUMER_NAME;SHORTNAME;LONG_COMMON_NAME;EXTERNAL_COPYRIGHT_NOTICE",
            "90001-4;Inventium;SCnc;Pt;Bld;Qn;;CHEM;9.80;ACTIVE;Inventium test;Inv Bld-sCnc;Inventium [Moles/volume] in Blood;",
            "90002-2;Inventium;SCnc;Pt;Ser;Qn;;CHEM;9.87;DEPRECATED;;Inv Ser-sCnc;Inventium [Moles/volume] in Serum;",
            "90003-0;How invented;Find;Pt;^Patient;Ord;;SURVEY;9.87;ACTIVE;;How invented;How invented do you feel;Copyright of somebody",
        ),
        "AccessoryFiles/PartFile/Part.csv": _csv(
            "PartNumber;PartTypeName;PartName;PartDisplayName;Status",
            "LP90001-1;COMPONENT;Inventium;Inventium;ACTIVE", "LP90002-9;SYSTEM;Bld;Blood;ACTIVE",
        ),
        "AccessoryFiles/PartFile/LoincPartLink_Primary.csv": _csv(
            "LoincNumber;LongCommonName;PartNumber;PartName;PartCodeSystem;PartTypeName;LinkTypeName;Property",
            "90001-4;x;LP90001-1;Inventium;http://loinc.org;COMPONENT;Primary;http://loinc.org/property/COMPONENT",
        ),
        "AccessoryFiles/ComponentHierarchyBySystem/ComponentHierarchyBySystem.csv": _csv(
            "PATH_TO_ROOT;SEQUENCE;IMMEDIATE_PARENT;CODE;CODE_TEXT",
            ";1;;LP90009-4;Invented chemistry", "LP90009-4;1;LP90009-4;LP90001-1;Inventium",
            "LP90009-4.LP90001-1;1;LP90001-1;90001-4;Inventium Bld-sCnc", "LP90009-4.LP90001-1;2;LP90001-1;90002-2;Inventium Ser-sCnc",
        ),
        "AccessoryFiles/AnswerFile/AnswerList.csv": _csv(
            "AnswerListId;AnswerListName;AnswerStringId;SequenceNumber;DisplayText",
            "LL9001-5;How much;LA90002-1;2;Very", "LL9001-5;How much;LA90001-3;1;A little", "LL9002-3;Empty;;;",
        ),
        "AccessoryFiles/AnswerFile/LoincAnswerListLink.csv": _csv(
            "LoincNumber;LongCommonName;AnswerListId;AnswerListName;AnswerListLinkType", "90003-0;x;LL9001-5;How much;NORMATIVE",
        ),
        "AccessoryFiles/GroupFile/GroupLoincTerms.csv": _csv(
            "Category;GroupId;Archetype;LoincNumber;LongCommonName", "x;LG9001-7;;90001-4;y", "x;LG9001-7;;90002-2;y",
        ),
        "AccessoryFiles/LinguisticVariants/deDE15LinguisticVariant.csv": _csv(
            "LOINC_NUM;COMPONENT;PROPERTY;TIME_ASPCT;SYSTEM;SCALE_TYP;METHOD_TYP;SHORTNAME;LONG_COMMON_NAME",
            "90001-4;Inventium;SCnc;Zp;Bl;Qn;;;Inventium [Mol/Vol] im Blut", "90003-0;Wie erfunden;Befund;Zp;^Patient;Ord;;;", "99999-0;x;x;x;x;x;x;;Nicht da",
        ),
    })  # fmt: skip


RXNCONSO = """\
900001|ENG||||||1|||900001|RXNORM|IN|900001|inventol||N|4096|
900001|ENG||||||2|||900001|RXNORM|SY|900001|inventolum||N||
900001|ENG||||||3|||x9|MTHSPL|SU|x9|INVENTOL OF A SOURCE||N||
900002|ENG||||||4|||900002|RXNORM|SCD|900002|inventol 5 MG Oral Tablet||N|4096|
900002|ENG||||||5|||900002|RXNORM|PSN|900002|Inventol 5 mg tablet||N||
900003|ENG||||||6|||900003|RXNORM|SCDF|900003|inventol Oral Tablet||O||
900009|ENG||||||7|||z|MTHSPL|SU|z|Of a source only||N||
"""
RXNREL = """\
900001||CUI|RO|900002||CUI|has_ingredient|1||RXNORM|RXNORM||||
900003||CUI|RB|900002||CUI|isa|2||RXNORM|RXNORM||||
900001||CUI|RO|900009||CUI|has_ingredient|3||MTHSPL|MTHSPL||||
"""
RXNSAT = """\
900002||||CUI|900002|1||RXN_STRENGTH|RXNORM|5 MG|N||
900002||||AUI|900002|2||NDC|RXNORM|00000000001|N||
900002||||CUI|900002|3||SPL|MTHSPL|not ours|N||
"""


def rxnorm(folder: Path) -> Path:
    return _write(folder / "RxNorm_full_03042024", {"rrf/RXNCONSO.RRF": RXNCONSO, "rrf/RXNREL.RRF": RXNREL, "rrf/RXNSAT.RRF": RXNSAT})  # fmt: skip


CLAML = """\
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE ClaML SYSTEM "ClaML.dtd">
<ClaML version="2.0.0" xml:lang="de">
  <Meta name="lang" value="de"/>
  <Identifier authority="nobody" uid="1"/>
  <Title date="2024-01-01" name="ICD-10-GM" version="2024">Erfundene Klassifikation</Title>
  <ClassKinds><ClassKind name="chapter"/><ClassKind name="block"/><ClassKind name="category"/></ClassKinds>
  <Modifier code="S01"><SubClass code=".0"/><SubClass code=".1"/></Modifier>
  <ModifierClass modifier="S01" code=".0"><Rubric kind="preferred"><Label xml:lang="de">ohne Folgen</Label></Rubric></ModifierClass>
  <ModifierClass modifier="S01" code=".1"><Rubric kind="preferred"><Label xml:lang="de">mit Folgen</Label></Rubric></ModifierClass>
  <Class code="I" kind="chapter"><SubClass code="A90-A99"/>
    <Rubric kind="preferred"><Label xml:lang="de">Erfundenes <Reference>A90</Reference></Label></Rubric></Class>
  <Class code="A90-A99" kind="block"><SuperClass code="I"/><SubClass code="A90"/><SubClass code="A91"/>
    <Rubric kind="preferred"><Label xml:lang="de">Erfundene Fieber</Label></Rubric></Class>
  <Class code="A90" kind="category"><SuperClass code="A90-A99"/><SubClass code="A90.0"/>
    <Rubric kind="preferred"><Label xml:lang="de">Rotes Fieber</Label></Rubric>
    <Rubric kind="inclusion"><Label xml:lang="de">Purpurfieber</Label></Rubric></Class>
  <Class code="A90.0" kind="category"><SuperClass code="A90"/><Meta name="usage" value="aster"/>
    <Rubric kind="preferred"><Label xml:lang="de">Hellrotes Fieber</Label></Rubric></Class>
  <Class code="A91" kind="category"><SuperClass code="A90-A99"/><ModifiedBy code="S01"/>
    <Rubric kind="preferred"><Label xml:lang="de">Blaues Fieber</Label></Rubric></Class>
</ClaML>
"""


def claml(folder: Path) -> Path:
    return _write(folder / "x1gec2024", {"Klassifikationsdateien/icd10gm2024syst_claml.xml": CLAML, "liesmich.txt": "x"})  # fmt: skip


ORDER = "\n".join(
    [
        "00001 A90     0 Invented fever                                               Invented fever",
        "00002 A900    1 Red invented fever                                           Red invented fever of the skin",
        "00003 T90XXXA 1 Invented harm, init                                          Invented harm, initial encounter",
    ]
)
TABULAR = """\
<?xml version="1.0" encoding="utf-8"?>
<ICD10CM.tabular><version>2024</version>
<chapter><name>1</name><desc>Invented diseases (A90-A99)</desc>
<section id="A90-A99"><desc>Invented fevers (A90-A99)</desc>
<diag><name>A90</name><desc>Invented fever</desc><inclusionTerm><note>Fever of the page</note></inclusionTerm>
<diag><name>A90.0</name><desc>Red invented fever</desc></diag></diag></section></chapter>
<chapter><name>19</name><desc>Invented harm (T90-T99)</desc><section id="T90"><desc>Harm</desc>
<diag><name>T90</name><desc>Invented harm</desc><sevenChrDef><extension char="A">initial encounter</extension><extension char="D">later</extension></sevenChrDef></diag>
</section></chapter></ICD10CM.tabular>
"""


def icd10cm(folder: Path, *, order: bool = True, tabular: bool = True) -> Path:
    files = ({"icd10cm-order-2024.txt": ORDER} if order else {}) | ({"icd10cm-tabular-2024.xml": TABULAR} if tabular else {})  # fmt: skip
    return _write(folder / "2024-code-descriptions", files)


ATC = """\
ATC code;ATC level name;DDD;U;Adm.R;Note
Z;INVENTED AGENTS;;;;
Z99;OTHER INVENTED AGENTS;;;;
Z99A;Invented agents for testing;;;;
Z99AA;Testols;;;;
Z99AA01;testol;5;mg;O;
Z99AA01;testol;2,5;mg;P;
Z99AA02;testolum;NA;NA;NA;by hand
"""
ATC_ROWS = """\
<xml xmlns:rs="urn:schemas-microsoft-com:rowset" xmlns:z="#RowsetSchema"><rs:data>
<z:row ATCCode="Z" Name="INVENTED AGENTS"/><z:row ATCCode="Z99" Name="OTHER INVENTED AGENTS"/>
</rs:data></xml>
"""


def atc(folder: Path) -> Path:
    return _write(folder, {"ATC_2024.csv": ATC}) / "ATC_2024.csv"
