"""The formulary: what is prescribed, how, and what it does to the body in the long run.

Codes are ATC (WHO). Effects are what a usual dose does to the latent state of `bedside.demo.body`, once it
works; they are rough and chosen so that a chart tells a believable story.
"""

from __future__ import annotations

from typing import NamedTuple


class Drug(NamedTuple):
    """A product of the formulary with its usual dose."""

    key: str
    atc: str
    name: str
    form: str
    dose: float
    unit: str
    """UCUM code of the dose."""
    route: str
    frequency: str
    """`2/d`: twice daily; `1/w`, `1/3w`: weeks; `1/m`: months; `prn/d`: as needed, at most so often; `once`; `cont`."""
    effects: dict[str, float] = {}  # noqa: RUF012 - read only
    min_gfr: int = 0
    """Below this eGFR (mL/min/1.73 m2) the drug is not given."""
    pregnancy: bool = True
    """False: not in pregnancy."""
    instead: str = ""
    """What is given to those who cannot have it; empty: nothing."""
    per_kg: float = 0.0
    """Dose for children, per kg of body weight and per dose, up to the adult dose."""

    @property
    def allergy(self) -> str:
        """The allergy that forbids it: `penicillin`, `sulfonamide`, `nsaid`, or nothing."""
        for prefix, name in (("J01C", "penicillin"), ("J01E", "sulfonamide"), ("M01A", "nsaid"), ("B01AC06", "nsaid")):
            if self.atc.startswith(prefix):
                return name
        return ""


_D = Drug
FORMULARY: dict[str, Drug] = {
    d.key: d
    for d in (
        # Stomach, bowel, diabetes, vitamins
        _D("pantoprazole", "A02BC02", "pantoprazole", "gastro-resistant tablet", 40, "mg", "po", "1/d"),
        _D("omeprazole", "A02BC01", "omeprazole", "gastro-resistant capsule", 20, "mg", "po", "1/d", per_kg=0.7),
        _D("macrogol", "A06AD65", "macrogol, combinations", "powder for oral solution", 13.7, "g", "po", "1/d", per_kg=0.4),
        _D("lactulose", "A06AD11", "lactulose", "syrup", 15, "mL", "po", "2/d"),
        _D("rifaximin", "A07AA11", "rifaximin", "tablet", 550, "mg", "po", "2/d"),
        _D("ondansetron", "A04AA01", "ondansetron", "tablet", 8, "mg", "po", "prn/d3", per_kg=0.15),
        _D("metoclopramide", "A03FA01", "metoclopramide", "tablet", 10, "mg", "po", "prn/d3"),
        _D("mesalazine", "A07EC02", "mesalazine", "gastro-resistant tablet", 1.2, "g", "po", "2/d", {"bowel": -1.2}),
        _D("budesonide-oral", "A07EA06", "budesonide", "gastro-resistant capsule", 9, "mg", "po", "1/d", {"bowel": -1.5}),
        _D("metformin", "A10BA02", "metformin", "tablet", 850, "mg", "po", "2/d", {"glycaemia": -12}, min_gfr=30),
        _D("gliclazide", "A10BB09", "gliclazide", "modified-release tablet", 60, "mg", "po", "1/d", {"glycaemia": -9}, pregnancy=False),
        _D("empagliflozin", "A10BK03", "empagliflozin", "tablet", 10, "mg", "po", "1/d", {"glycaemia": -6, "tone": -3, "congestion": -0.7}, min_gfr=20, pregnancy=False),
        _D("semaglutide", "A10BJ06", "semaglutide", "solution for injection in pen", 0.5, "mg", "sc", "1/w", {"glycaemia": -13, "weight": -5}, pregnancy=False),
        _D("aspart", "A10AB05", "insulin aspart", "solution for injection in pen", 8, "[iU]", "sc", "3/d", {"glycaemia": -9}),
        _D("glargine", "A10AE04", "insulin glargine", "solution for injection in pen", 20, "[iU]", "sc", "1/d", {"glycaemia": -14, "weight": 2}),
        _D("colecalciferol", "A11CC05", "colecalciferol", "capsule", 800, "[iU]", "po", "1/d", {"vitd": 22}),
        _D("calcitriol", "A11CC04", "calcitriol", "capsule", 0.25, "ug", "po", "1/d", {"pth": -0.3, "ca": 0.05}),
        _D("calcium-d", "A12AX", "calcium, combinations with vitamin D", "chewable tablet", 1, "{tablet}", "po", "1/d", {"vitd": 20}),
        _D("potassium", "A12BA01", "potassium chloride", "modified-release tablet", 600, "mg", "po", "3/d", {"k": 0.4}),
        # Blood
        _D("aspirin", "B01AC06", "acetylsalicylic acid", "tablet", 80, "mg", "po", "1/d", instead="clopidogrel"),
        _D("clopidogrel", "B01AC04", "clopidogrel", "tablet", 75, "mg", "po", "1/d"),
        _D("ticagrelor", "B01AC24", "ticagrelor", "tablet", 90, "mg", "po", "2/d"),
        _D("apixaban", "B01AF02", "apixaban", "tablet", 5, "mg", "po", "2/d", min_gfr=15, pregnancy=False, instead="acenocoumarol"),
        _D("acenocoumarol", "B01AA07", "acenocoumarol", "tablet", 2, "mg", "po", "1/d", {"inr": 1.5}, pregnancy=False),
        _D("nadroparin", "B01AB06", "nadroparin", "solution for injection", 2850, "[iU]", "sc", "1/d"),
        _D("alteplase", "B01AD02", "alteplase", "powder for solution for infusion", 70, "mg", "iv", "once", pregnancy=False),
        _D("ferrous-fumarate", "B03AA02", "ferrous fumarate", "tablet", 200, "mg", "po", "1/d", {"iron": -0.8}),
        _D("folic-acid", "B03BB01", "folic acid", "tablet", 0.5, "mg", "po", "1/d"),
        _D("folic-acid-weekly", "B03BB01", "folic acid", "tablet", 5, "mg", "po", "1/w"),
        _D("darbepoetin", "B03XA02", "darbepoetin alfa", "solution for injection", 40, "ug", "sc", "1/w", {"hb": 1.1}),
        _D("saline", "B05BB01", "electrolytes", "solution for infusion", 1000, "mL", "iv", "1/d"),
        # Heart and vessels
        _D("digoxin", "C01AA05", "digoxin", "tablet", 0.125, "mg", "po", "1/d", {"rate": -12}),
        _D("amiodarone", "C01BD01", "amiodarone", "tablet", 200, "mg", "po", "1/d", {"rate": -10, "thyroid": 0.06}, pregnancy=False),
        _D("norepinephrine", "C01CA03", "norepinephrine", "concentrate for solution for infusion", 0.1, "ug/kg/min", "iv", "cont", {"tone": 22}),
        _D("isosorbide", "C01DA08", "isosorbide dinitrate", "sublingual tablet", 5, "mg", "sl", "prn/d3"),
        _D("hydrochlorothiazide", "C03AA03", "hydrochlorothiazide", "tablet", 12.5, "mg", "po", "1/d", {"tone": -7, "k": -0.2, "na": -1.5}, min_gfr=30, pregnancy=False),
        _D("furosemide", "C03CA01", "furosemide", "tablet", 40, "mg", "po", "1/d", {"congestion": -1.6, "k": -0.3}, per_kg=1),
        _D("bumetanide", "C03CA02", "bumetanide", "tablet", 1, "mg", "po", "2/d", {"congestion": -2.0, "k": -0.3}),
        _D("spironolactone", "C03DA01", "spironolactone", "tablet", 25, "mg", "po", "1/d", {"congestion": -0.8, "k": 0.55, "tone": -4}, min_gfr=30, pregnancy=False),
        _D("metoprolol", "C07AB02", "metoprolol", "modified-release tablet", 50, "mg", "po", "1/d", {"rate": -10, "tone": -6}),
        _D("bisoprolol", "C07AB07", "bisoprolol", "tablet", 5, "mg", "po", "1/d", {"rate": -11, "tone": -5}),
        _D("propranolol", "C07AA05", "propranolol", "tablet", 40, "mg", "po", "2/d", {"rate": -9, "tone": -5}),
        _D("labetalol", "C07AG01", "labetalol", "tablet", 200, "mg", "po", "2/d", {"rate": -4, "tone": -14}),
        _D("amlodipine", "C08CA01", "amlodipine", "tablet", 5, "mg", "po", "1/d", {"tone": -10}, pregnancy=False),
        _D("nifedipine", "C08CA05", "nifedipine", "modified-release tablet", 30, "mg", "po", "1/d", {"tone": -11}),
        _D("enalapril", "C09AA02", "enalapril", "tablet", 10, "mg", "po", "1/d", {"tone": -10, "k": 0.2, "albuminuria": -0.4}, pregnancy=False),
        _D("perindopril", "C09AA04", "perindopril", "tablet", 4, "mg", "po", "1/d", {"tone": -11, "k": 0.2, "albuminuria": -0.4}, pregnancy=False),
        _D("losartan", "C09CA01", "losartan", "tablet", 50, "mg", "po", "1/d", {"tone": -9, "k": 0.2, "albuminuria": -0.4}, pregnancy=False),
        _D("sacubitril-valsartan", "C09DX04", "valsartan and sacubitril", "tablet", 100, "mg", "po", "2/d", {"tone": -9, "k": 0.2, "congestion": -1.0}, min_gfr=30, pregnancy=False),
        _D("atorvastatin", "C10AA05", "atorvastatin", "tablet", 40, "mg", "po", "1/d", {"ldl": -0.55}, pregnancy=False),
        _D("simvastatin", "C10AA01", "simvastatin", "tablet", 40, "mg", "po", "1/d", {"ldl": -0.42}, pregnancy=False),
        _D("ezetimibe", "C10AX09", "ezetimibe", "tablet", 10, "mg", "po", "1/d", {"ldl": -0.2}, pregnancy=False),
        # Skin
        _D("betamethasone-cream", "D07AC01", "betamethasone", "cream", 1, "{application}", "top", "1/d"),
        _D("calcipotriol", "D05AX02", "calcipotriol", "ointment", 1, "{application}", "top", "2/d"),
        _D("imiquimod", "D06BB10", "imiquimod", "cream", 1, "{application}", "top", "1/d", pregnancy=False),
        # Urology, women's health, hormones
        _D("tamsulosin", "G04CA02", "tamsulosin", "modified-release capsule", 0.4, "mg", "po", "1/d"),
        _D("dutasteride", "G04CB02", "dutasteride", "capsule", 0.5, "mg", "po", "1/d", {"psa": -0.6}, pregnancy=False),
        _D("oxytocin", "H01BB02", "oxytocin", "solution for injection", 5, "[iU]", "iv", "once"),
        _D("anti-d", "J06BB01", "anti-D (rh) immunoglobulin", "solution for injection", 1000, "[iU]", "im", "once"),
        _D("prednisolone", "H02AB06", "prednisolone", "tablet", 30, "mg", "po", "1/d", {"glycaemia": 3, "sugar": 1.5, "inflammation": -0.6}, per_kg=1),
        _D("prednisolone-low", "H02AB06", "prednisolone", "tablet", 5, "mg", "po", "1/d", {"glycaemia": 1.5, "inflammation": -0.4}),
        _D("dexamethasone", "H02AB02", "dexamethasone", "tablet", 6, "mg", "po", "1/d", {"sugar": 2.0}),
        _D("hydrocortisone", "H02AB09", "hydrocortisone", "tablet", 10, "mg", "po", "2/d"),
        _D("methylprednisolone", "H02AB04", "methylprednisolone", "powder for solution for infusion", 1000, "mg", "iv", "1/d", {"sugar": 3.5}),
        _D("betamethasone-im", "H02AB01", "betamethasone", "suspension for injection", 11.4, "mg", "im", "1/d"),
        _D("levothyroxine", "H03AA01", "levothyroxine sodium", "tablet", 100, "ug", "po", "1/d"),
        _D("thiamazole", "H03BB02", "thiamazole", "tablet", 10, "mg", "po", "2/d"),
        # Infections
        _D("amoxicillin", "J01CA04", "amoxicillin", "capsule", 500, "mg", "po", "3/d", instead="azithromycin", per_kg=25),
        _D("amoxiclav", "J01CR02", "amoxicillin and beta-lactamase inhibitor", "powder for solution for injection", 1200, "mg", "iv", "4/d", instead="ciprofloxacin", per_kg=30),
        _D("piptazo", "J01CR05", "piperacillin and beta-lactamase inhibitor", "powder for solution for infusion", 4.5, "g", "iv", "4/d", instead="meropenem"),
        _D("flucloxacillin", "J01CF05", "flucloxacillin", "powder for solution for injection", 1, "g", "iv", "4/d", instead="clindamycin", per_kg=0.025),
        _D("penicillin", "J01CE01", "benzylpenicillin", "powder for solution for infusion", 3, "[MIU]", "iv", "4/d", instead="clindamycin"),
        _D("cefuroxime", "J01DC02", "cefuroxime", "powder for solution for injection", 1500, "mg", "iv", "3/d"),
        _D("cefazolin", "J01DB04", "cefazolin", "powder for solution for injection", 2, "g", "iv", "once", per_kg=0.03),
        _D("ceftriaxone", "J01DD04", "ceftriaxone", "powder for solution for infusion", 2, "g", "iv", "1/d", per_kg=0.05),
        _D("cefotaxime", "J01DD01", "cefotaxime", "powder for solution for infusion", 1, "g", "iv", "4/d", per_kg=0.05),
        _D("meropenem", "J01DH02", "meropenem", "powder for solution for infusion", 1, "g", "iv", "3/d", per_kg=0.02),
        _D("azithromycin", "J01FA10", "azithromycin", "tablet", 500, "mg", "po", "1/d", per_kg=10),
        _D("clindamycin", "J01FF01", "clindamycin", "capsule", 600, "mg", "po", "3/d", per_kg=7),
        _D("ciprofloxacin", "J01MA02", "ciprofloxacin", "tablet", 500, "mg", "po", "2/d", pregnancy=False, per_kg=15),
        _D("gentamicin", "J01GB03", "gentamicin", "solution for injection", 350, "mg", "iv", "1/d", pregnancy=False, min_gfr=30, per_kg=5),
        _D("vancomycin", "J01XA01", "vancomycin", "powder for solution for infusion", 1, "g", "iv", "2/d"),
        _D("nitrofurantoin", "J01XE01", "nitrofurantoin", "modified-release capsule", 100, "mg", "po", "2/d", min_gfr=30, instead="fosfomycin"),
        _D("fosfomycin", "J01XX01", "fosfomycin", "granules for oral solution", 3, "g", "po", "once"),
        _D("metronidazole", "J01XD01", "metronidazole", "tablet", 500, "mg", "po", "3/d", per_kg=7.5),
        _D("cotrimoxazole", "J01EE01", "sulfamethoxazole and trimethoprim", "tablet", 480, "mg", "po", "1/d", min_gfr=15, pregnancy=False),
        _D("doxycycline", "J01AA02", "doxycycline", "tablet", 100, "mg", "po", "1/d", pregnancy=False),
        _D("fluconazole", "J02AC01", "fluconazole", "capsule", 200, "mg", "po", "1/d", pregnancy=False),
        _D("posaconazole", "J02AC04", "posaconazole", "gastro-resistant tablet", 300, "mg", "po", "1/d", pregnancy=False),
        _D("valaciclovir", "J05AB11", "valaciclovir", "tablet", 500, "mg", "po", "2/d"),
        _D("valganciclovir", "J05AB14", "valganciclovir", "tablet", 450, "mg", "po", "1/d", pregnancy=False),
        # Oncology
        _D("cyclophosphamide", "L01AA01", "cyclophosphamide", "powder for solution for infusion", 1000, "mg", "iv", "1/3w", pregnancy=False),
        _D("doxorubicin", "L01DB01", "doxorubicin", "solution for infusion", 100, "mg", "iv", "1/3w", pregnancy=False),
        _D("paclitaxel", "L01CD01", "paclitaxel", "concentrate for solution for infusion", 145, "mg", "iv", "1/w", pregnancy=False),
        _D("carboplatin", "L01XA02", "carboplatin", "concentrate for solution for infusion", 450, "mg", "iv", "1/3w", pregnancy=False),
        _D("cisplatin", "L01XA01", "cisplatin", "concentrate for solution for infusion", 130, "mg", "iv", "1/3w", min_gfr=50, pregnancy=False, instead="carboplatin"),
        _D("oxaliplatin", "L01XA03", "oxaliplatin", "concentrate for solution for infusion", 230, "mg", "iv", "1/3w", min_gfr=30, pregnancy=False),
        _D("capecitabine", "L01BC06", "capecitabine", "tablet", 1500, "mg", "po", "2/d", min_gfr=30, pregnancy=False),
        _D("cytarabine", "L01BC01", "cytarabine", "solution for infusion", 200, "mg", "iv", "2/d", pregnancy=False),
        _D("idarubicin", "L01DB06", "idarubicin", "powder for solution for infusion", 22, "mg", "iv", "1/d", pregnancy=False),
        _D("fludarabine", "L01BB05", "fludarabine", "concentrate for solution for infusion", 55, "mg", "iv", "1/d", pregnancy=False),
        _D("busulfan", "L01AB01", "busulfan", "concentrate for solution for infusion", 240, "mg", "iv", "1/d", pregnancy=False),
        _D("vincristine", "L01CA02", "vincristine", "solution for injection", 2, "mg", "iv", "1/3w", pregnancy=False),
        _D("rituximab", "L01FA01", "rituximab", "concentrate for solution for infusion", 700, "mg", "iv", "1/3w", pregnancy=False),
        _D("trastuzumab", "L01FD01", "trastuzumab", "solution for injection", 600, "mg", "sc", "1/3w", pregnancy=False),
        _D("pembrolizumab", "L01FF02", "pembrolizumab", "concentrate for solution for infusion", 200, "mg", "iv", "1/3w", pregnancy=False),
        _D("tamoxifen", "L02BA01", "tamoxifen", "tablet", 20, "mg", "po", "1/d", pregnancy=False),
        _D("letrozole", "L02BG04", "letrozole", "tablet", 2.5, "mg", "po", "1/d", pregnancy=False),
        _D("leuprorelin", "L02AE02", "leuprorelin", "implant", 11.25, "mg", "sc", "1/12w", pregnancy=False),
        _D("pegfilgrastim", "L03AA13", "pegfilgrastim", "solution for injection", 6, "mg", "sc", "1/3w"),
        # Immune system, joints
        _D("methotrexate", "L04AX03", "methotrexate", "tablet", 15, "mg", "po", "1/w", {"inflammation": -0.8}, min_gfr=30, pregnancy=False),
        _D("azathioprine", "L04AX01", "azathioprine", "tablet", 125, "mg", "po", "1/d", {"bowel": -1.0, "mcv": 5}),
        _D("tacrolimus", "L04AD02", "tacrolimus", "modified-release capsule", 5, "mg", "po", "1/d", {"tone": 4, "k": 0.2}),
        _D("mycophenolate", "L04AA06", "mycophenolic acid", "tablet", 1000, "mg", "po", "2/d", pregnancy=False),
        _D("basiliximab", "L04AC02", "basiliximab", "powder for solution for infusion", 20, "mg", "iv", "once"),
        _D("adalimumab", "L04AB04", "adalimumab", "solution for injection in pen", 40, "mg", "sc", "1/2w", {"inflammation": -1.2, "bowel": -2.0}),
        _D("infliximab", "L04AB02", "infliximab", "powder for solution for infusion", 400, "mg", "iv", "1/8w", {"inflammation": -1.2, "bowel": -2.2}),
        _D("secukinumab", "L04AC10", "secukinumab", "solution for injection in pen", 300, "mg", "sc", "1/m", {"inflammation": -0.6}),
        _D("dimethyl-fumarate", "L04AX07", "dimethyl fumarate", "gastro-resistant capsule", 240, "mg", "po", "2/d", {"lymph": -0.5}),
        _D("hydroxychloroquine", "P01BA02", "hydroxychloroquine", "tablet", 200, "mg", "po", "2/d", {"inflammation": -0.4}),
        _D("ibuprofen", "M01AE01", "ibuprofen", "tablet", 400, "mg", "po", "prn/d3", {"pain": -1}, min_gfr=60, pregnancy=False, per_kg=8),
        _D("naproxen", "M01AE02", "naproxen", "tablet", 500, "mg", "po", "2/d", {"pain": -1, "inflammation": -0.2}, min_gfr=60, pregnancy=False),
        _D("allopurinol", "M04AA01", "allopurinol", "tablet", 300, "mg", "po", "1/d", {"urate": -0.17}, min_gfr=30),
        _D("colchicine", "M04AC01", "colchicine", "tablet", 0.5, "mg", "po", "2/d", min_gfr=30),
        _D("alendronate", "M05BA04", "alendronic acid", "tablet", 70, "mg", "po", "1/w", min_gfr=35),
        _D("baclofen", "M03BX01", "baclofen", "tablet", 10, "mg", "po", "3/d"),
        # Anaesthesia, pain, nerves, mind
        _D("propofol", "N01AX10", "propofol", "emulsion for infusion", 2, "mg/kg/h", "iv", "cont", {"coma": 8, "tone": -8}),
        _D("bupivacaine", "N01BB01", "bupivacaine", "solution for injection", 10, "mg", "spinal", "once"),
        _D("rocuronium", "M03AC09", "rocuronium bromide", "solution for injection", 50, "mg", "iv", "once"),
        _D("morphine", "N02AA01", "morphine", "solution for injection", 5, "mg", "sc", "prn/d4", {"pain": -2}, per_kg=0.1),
        _D("morphine-pump", "N02AA01", "morphine", "solution for infusion", 1.5, "mg/h", "sc", "cont", {"pain": -4}),
        _D("oxycodone", "N02AA05", "oxycodone", "modified-release tablet", 10, "mg", "po", "2/d", {"pain": -2}),
        _D("tramadol", "N02AX02", "tramadol", "capsule", 50, "mg", "po", "prn/d3", {"pain": -1.5}),
        _D("paracetamol", "N02BE01", "paracetamol", "tablet", 1000, "mg", "po", "4/d", {"pain": -0.8}, per_kg=15),
        _D("levetiracetam", "N03AX14", "levetiracetam", "tablet", 500, "mg", "po", "2/d", per_kg=15),
        _D("valproate", "N03AG01", "valproic acid", "modified-release tablet", 500, "mg", "po", "2/d", {"valproate": 72}, pregnancy=False, instead="levetiracetam", per_kg=12),
        _D("lamotrigine", "N03AX09", "lamotrigine", "tablet", 100, "mg", "po", "2/d"),
        _D("pregabalin", "N03AX16", "pregabalin", "capsule", 75, "mg", "po", "2/d", {"pain": -1.5}, pregnancy=False),
        _D("levodopa", "N04BA02", "levodopa and decarboxylase inhibitor", "tablet", 125, "mg", "po", "3/d"),
        _D("lithium", "N05AN01", "lithium", "tablet", 400, "mg", "po", "2/d", {"lithium": 0.75, "thyroid": -0.06}, min_gfr=40, pregnancy=False),
        _D("quetiapine", "N05AH04", "quetiapine", "tablet", 200, "mg", "po", "1/d", {"weight": 4, "glycaemia": 1.5}),
        _D("olanzapine", "N05AH03", "olanzapine", "tablet", 10, "mg", "po", "1/d", {"weight": 7, "glycaemia": 2.5}),
        _D("haloperidol", "N05AD01", "haloperidol", "tablet", 0.5, "mg", "po", "prn/d2"),
        _D("lorazepam", "N05BA06", "lorazepam", "tablet", 1, "mg", "po", "prn/d2"),
        _D("midazolam", "N05CD08", "midazolam", "solution for injection", 2.5, "mg", "iv", "prn/d2", per_kg=0.1),
        _D("sertraline", "N06AB06", "sertraline", "tablet", 50, "mg", "po", "1/d"),
        _D("citalopram", "N06AB04", "citalopram", "tablet", 20, "mg", "po", "1/d"),
        _D("mirtazapine", "N06AX11", "mirtazapine", "tablet", 30, "mg", "po", "1/d", {"weight": 3}),
        _D("nortriptyline", "N06AA10", "nortriptyline", "tablet", 50, "mg", "po", "1/d"),
        _D("amitriptyline", "N06AA09", "amitriptyline", "tablet", 25, "mg", "po", "1/d", {"pain": -1}),
        _D("methylphenidate", "N06BA04", "methylphenidate", "tablet", 10, "mg", "po", "2/d", per_kg=0.3),
        _D("rivastigmine", "N06DA03", "rivastigmine", "transdermal patch", 9.5, "mg", "td", "1/d"),
        _D("caffeine", "N06BC01", "caffeine", "solution for infusion", 20, "mg", "iv", "1/d", per_kg=5),
        # Lungs, nose, allergy
        _D("salbutamol", "R03AC02", "salbutamol", "pressurised inhalation", 200, "ug", "inh", "prn/d4"),
        _D("ipratropium", "R03BB01", "ipratropium bromide", "nebuliser solution", 0.5, "mg", "inh", "4/d"),
        _D("tiotropium", "R03BB04", "tiotropium bromide", "inhalation powder", 18, "ug", "inh", "1/d", {"hypoxia": -0.2}),
        _D("indacaterol-glyco", "R03AL04", "indacaterol and glycopyrronium bromide", "inhalation powder", 1, "{inhalation}", "inh", "1/d", {"hypoxia": -0.3}),
        _D("formoterol-beclo", "R03AK08", "formoterol and beclometasone", "pressurised inhalation", 1, "{inhalation}", "inh", "2/d", {"hypoxia": -0.3, "airway": -1}),
        _D("fluticasone-inh", "R03BA05", "fluticasone", "pressurised inhalation", 125, "ug", "inh", "2/d", {"airway": -0.7}),
        _D("montelukast", "R03DC03", "montelukast", "chewable tablet", 5, "mg", "po", "1/d", {"airway": -0.3}),
        _D("mometasone-nose", "R01AD09", "mometasone", "nasal spray", 100, "ug", "nose", "1/d"),
        _D("cetirizine", "R06AE07", "cetirizine", "tablet", 10, "mg", "po", "1/d", per_kg=0.3),
        _D("surfactant", "R07AA02", "natural phospholipids", "endotracheopulmonary suspension", 200, "mg", "trach", "once", per_kg=200),
        # Eyes
        _D("latanoprost", "S01EE01", "latanoprost", "eye drops", 1, "[drp]", "eye", "1/d", {"iop": -6}),
        _D("timolol", "S01ED01", "timolol", "eye drops", 1, "[drp]", "eye", "2/d", {"iop": -4}),
        _D("aflibercept", "S01LA05", "aflibercept", "solution for injection", 2, "mg", "vitreous", "1/8w", pregnancy=False),
        _D("dexamethasone-eye", "S01BA01", "dexamethasone", "eye drops", 1, "[drp]", "eye", "3/d"),
        # Various
        _D("sevelamer", "V03AE02", "sevelamer", "tablet", 800, "mg", "po", "3/d", {"phos": -0.35}),
        _D("polystyrene", "V03AE01", "polystyrene sulfonate", "powder for oral suspension", 15, "g", "po", "3/d", {"k": -0.7}),
        _D("oxygen", "V03AN01", "oxygen", "medicinal gas", 2, "L/min", "nose", "cont", {"hypoxia": -1.2}),
        _D("bictegravir", "J05AR20", "emtricitabine, tenofovir alafenamide and bictegravir", "tablet", 1, "{tablet}", "po", "1/d", min_gfr=30),
        _D("rifampicin", "J04AB02", "rifampicin", "tablet", 600, "mg", "po", "1/d", {"hepatitis": 0.12}, per_kg=15),
        _D("isoniazid", "J04AC01", "isoniazid", "tablet", 300, "mg", "po", "1/d", {"hepatitis": 0.2}, per_kg=10),
        _D("pyrazinamide", "J04AK01", "pyrazinamide", "tablet", 1500, "mg", "po", "1/d", {"urate": 0.12, "hepatitis": 0.2}, min_gfr=30, per_kg=35),
        _D("ethambutol", "J04AK02", "ethambutol", "tablet", 1200, "mg", "po", "1/d", min_gfr=30, per_kg=20),
        _D("pyridoxine", "A11HA02", "pyridoxine (vit B6)", "tablet", 20, "mg", "po", "1/d"),
        _D("thiamine", "A11DA01", "thiamine (vit B1)", "tablet", 100, "mg", "po", "2/d"),
        _D("nimodipine", "C08CA06", "nimodipine", "tablet", 60, "mg", "po", "4/d", {"tone": -3}),
        _D("solifenacin", "G04BD08", "solifenacin", "tablet", 5, "mg", "po", "1/d"),
        _D("immunoglobulin", "J06BA02", "immunoglobulins, normal human, for intravascular administration", "solution for infusion", 30, "g", "iv", "1/d"),
        _D("temozolomide", "L01AX03", "temozolomide", "capsule", 140, "mg", "po", "1/d", pregnancy=False),
        _D("natalizumab", "L04AG03", "natalizumab", "concentrate for solution for infusion", 300, "mg", "iv", "1/m"),
        _D("ocrelizumab", "L04AG08", "ocrelizumab", "concentrate for solution for infusion", 600, "mg", "iv", "once", {"lymph": -0.2}, pregnancy=False),
        _D("sumatriptan", "N02CC01", "sumatriptan", "tablet", 50, "mg", "po", "prn/d2"),
        _D("erenumab", "N02CD01", "erenumab", "solution for injection in pen", 70, "mg", "sc", "1/m", pregnancy=False),
        _D("carbamazepine", "N03AF01", "carbamazepine", "modified-release tablet", 200, "mg", "po", "2/d", {"na": -3.0, "cholestasis": 0.3}, pregnancy=False, instead="levetiracetam"),
        _D("topiramate", "N03AX11", "topiramate", "tablet", 50, "mg", "po", "2/d", {"weight": -2.5, "hco3": -2.0}, pregnancy=False),
        _D("pramipexole", "N04BC05", "pramipexole", "tablet", 0.35, "mg", "po", "3/d", {"tone": -3}, min_gfr=30),
        _D("rasagiline", "N04BD02", "rasagiline", "tablet", 1, "mg", "po", "1/d"),
        _D("clozapine", "N05AH02", "clozapine", "tablet", 150, "mg", "po", "2/d", {"weight": 8, "glycaemia": 3, "rate": 9}),
        _D("risperidone", "N05AX08", "risperidone", "tablet", 2, "mg", "po", "1/d", {"weight": 3}),
        _D("aripiprazole", "N05AX12", "aripiprazole", "tablet", 15, "mg", "po", "1/d"),
        _D("chlordiazepoxide", "N05BA02", "chlordiazepoxide", "capsule", 25, "mg", "po", "4/d"),
        _D("temazepam", "N05CD07", "temazepam", "capsule", 10, "mg", "po", "1/d"),
        _D("venlafaxine", "N06AX16", "venlafaxine", "modified-release capsule", 150, "mg", "po", "1/d", {"tone": 3}),
        _D("donepezil", "N06DA02", "donepezil", "tablet", 10, "mg", "po", "1/d", {"rate": -5}),
        _D("memantine", "N06DX01", "memantine", "tablet", 20, "mg", "po", "1/d", min_gfr=20),
        _D("naltrexone", "N07BB04", "naltrexone", "tablet", 50, "mg", "po", "1/d"),
        _D("riluzole", "N07XX02", "riluzole", "tablet", 50, "mg", "po", "2/d", {"hepatitis": 0.3}),
        _D("etanercept", "L04AB01", "etanercept", "solution for injection in pen", 50, "mg", "sc", "1/w", {"inflammation": -1.1}),
        _D("tocilizumab", "L04AC07", "tocilizumab", "solution for injection in pen", 162, "mg", "sc", "1/w", {"inflammation": -1.5}),
        _D("belimumab", "L04AG04", "belimumab", "solution for injection in pen", 200, "mg", "sc", "1/w", {"inflammation": -0.5}),
        _D("febuxostat", "M04AA03", "febuxostat", "tablet", 80, "mg", "po", "1/d", {"urate": -0.2}),
        _D("zoledronate", "M05BA08", "zoledronic acid", "solution for infusion", 5, "mg", "iv", "once", min_gfr=35, pregnancy=False),
        _D("tranexamic-acid", "B02AA02", "tranexamic acid", "solution for injection", 1, "g", "iv", "3/d", {"bleed": -0.05}),
        _D("silver-sulfadiazine", "D06BA01", "silver sulfadiazine", "cream", 1, "{application}", "top", "1/d"),
        _D("dupilumab", "D11AH05", "dupilumab", "solution for injection in pen", 300, "mg", "sc", "1/2w", {"eos": 0.1}),
        _D("tacrolimus-ointment", "D11AH01", "tacrolimus", "ointment", 1, "{application}", "top", "2/d"),
        _D("bcg", "L03AX03", "BCG vaccine", "powder for intravesical suspension", 12.5, "mg", "bladder", "1/w"),
        _D("mitomycin", "L01DC03", "mitomycin", "powder for intravesical solution", 40, "mg", "bladder", "once", pregnancy=False),
        _D("enzalutamide", "L02BB04", "enzalutamide", "tablet", 160, "mg", "po", "1/d", {"psa": -1.2}),
        _D("multivitamin", "A11AA03", "multivitamins and other minerals, incl. combinations", "tablet", 1, "{tablet}", "po", "1/d"),
        _D("ursodeoxycholate", "A05AA02", "ursodeoxycholic acid", "capsule", 500, "mg", "po", "1/d"),
    )
}  # fmt: skip

ROUTES: dict[str, tuple[str, str, str]] = {
    "po": ("26643006", "Oral route", "by mouth"),
    "iv": ("47625008", "Intravenous route", "into a vein"),
    "sc": ("34206005", "Subcutaneous route", "under the skin"),
    "im": ("78421000", "Intramuscular route", "into a muscle"),
    "sl": ("37839007", "Sublingual route", "under the tongue"),
    "inh": ("447694001", "Respiratory tract route", "inhaled"),
    "nose": ("46713006", "Nasal route", "in the nose"),
    "top": ("6064005", "Topical route", "on the skin"),
    "td": ("45890007", "Transdermal route", "on the skin"),
    "eye": ("54485002", "Ophthalmic route", "in the eye"),
    "vitreous": ("418401004", "Intravitreal route", "in the eye"),
    "spinal": ("72607000", "Intrathecal route", "in the spinal canal"),
    "trach": ("404818005", "Intratracheal route", "into the windpipe"),
    "bladder": ("372471009", "Intravesical route", "into the bladder"),
}
"""SNOMED CT code and display of each route, and what a patient would call it."""

FREQUENCIES: dict[str, tuple[int, int, str, str, tuple[int, ...]]] = {
    "1/d": (1, 1, "d", "once daily", (8,)),
    "2/d": (2, 1, "d", "twice daily", (8, 20)),
    "3/d": (3, 1, "d", "three times daily", (8, 14, 22)),
    "4/d": (4, 1, "d", "four times daily", (6, 12, 18, 22)),
    "1/w": (1, 1, "wk", "once a week", (10,)),
    "1/2w": (1, 2, "wk", "every two weeks", (10,)),
    "1/3w": (1, 3, "wk", "every three weeks", (10,)),
    "1/8w": (1, 8, "wk", "every eight weeks", (10,)),
    "1/12w": (1, 12, "wk", "every twelve weeks", (10,)),
    "1/m": (1, 1, "mo", "once a month", (10,)),
    "prn/d2": (2, 1, "d", "if needed, at most twice daily", (21,)),
    "prn/d3": (3, 1, "d", "if needed, at most three times daily", (19,)),
    "prn/d4": (4, 1, "d", "if needed, at most four times daily", (13, 23)),
    "once": (1, 1, "d", "once", (9,)),
    "cont": (1, 1, "d", "continuously", (8,)),
}
"""How often: frequency, period and its unit for Timing.repeat, the words, and the hours at which a ward gives it."""
