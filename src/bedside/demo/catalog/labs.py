"""What the laboratory measures: each analyte with its LOINC code, unit, reference range and critical limits.

Units are those that Dutch and Flemish laboratories report (haemoglobin in mmol/L, glucose in mmol/L, creatinine
in umol/L). The ranges are those of the imaginary laboratory of UMC Scheldemond, in the order of magnitude of
published ones; they are for a demonstration and not for care.
"""

from __future__ import annotations

from typing import NamedTuple

Range = tuple[float | None, float | None]


class Analyte(NamedTuple):
    """One thing that can be measured in a specimen, or (with `specimen` empty) at the bedside."""

    key: str
    code: str
    display: str
    unit: str
    ucum: str
    digits: int
    male: Range
    female: Range | None = None
    """None: the range does not depend on sex."""
    critical: Range = (None, None)
    cv: float = 0.03
    """Variation of one person's results in steady state, as a fraction of the value."""
    kids: tuple[tuple[float, float | None, float | None], ...] = ()
    """(years, low, high) of the ranges that apply until that age, youngest first."""
    specimen: str = "serum"
    words: str = ""
    """What the result is called on a screen or in a letter."""

    def range_for(self, sex: str, age: float) -> Range:
        """(low, high) for a person; either may be None when there is no such limit."""
        for until, low, high in self.kids:
            if age < until:
                return (low, high)
        return self.female if self.female is not None and sex == "female" else self.male


_A = Analyte
ANALYTES: dict[str, Analyte] = {
    a.key: a
    for a in (
        # Haematology
        _A("hb", "59260-0", "Hemoglobin [Moles/volume] in Blood", "mmol/L", "mmol/L", 1, (8.5, 11.0), (7.5, 10.0),
           (4.3, 13.0), 0.025, ((0.04, 9.0, 14.0), (0.25, 6.0, 9.5), (6, 6.5, 8.5), (14, 7.0, 9.5)), "blood", "Haemoglobin"),
        _A("ht", "20570-8", "Hematocrit [Volume Fraction] of Blood", "L/L", "L/L", 2, (0.40, 0.50), (0.36, 0.46),
           (0.20, 0.62), 0.02, ((0.04, 0.43, 0.66), (0.25, 0.29, 0.45), (6, 0.31, 0.41), (14, 0.34, 0.45)), "blood", "Haematocrit"),
        _A("mcv", "787-2", "MCV [Entitic volume] by Automated count", "fL", "fL", 0, (80, 100), None, (None, None), 0.01,
           ((0.25, 90, 115), (6, 72, 88), (14, 76, 92)), "blood", "MCV"),
        _A("leuko", "6690-2", "Leukocytes [#/volume] in Blood by Automated count", "10^9/L", "10*9/L", 1, (4.0, 10.0), None,
           (1.0, 50.0), 0.08, ((0.04, 9.0, 30.0), (2, 6.0, 17.0), (6, 5.0, 15.0), (14, 4.5, 13.0)), "blood", "Leukocytes"),
        _A("neut", "751-8", "Neutrophils [#/volume] in Blood by Automated count", "10^9/L", "10*9/L", 2, (1.5, 7.5), None,
           (0.5, None), 0.09, ((6, 1.5, 8.5),), "blood", "Neutrophils"),
        _A("lymph", "731-0", "Lymphocytes [#/volume] in Blood by Automated count", "10^9/L", "10*9/L", 2, (1.0, 3.5), None,
           (None, None), 0.08, ((2, 3.0, 9.5), (6, 2.0, 7.0), (14, 1.5, 5.0)), "blood", "Lymphocytes"),
        _A("eos", "711-2", "Eosinophils [#/volume] in Blood by Automated count", "10^9/L", "10*9/L", 2, (None, 0.50), None,
           (None, None), 0.12, (), "blood", "Eosinophils"),
        _A("plt", "777-3", "Platelets [#/volume] in Blood by Automated count", "10^9/L", "10*9/L", 0, (150, 400), None,
           (20, 1000), 0.05, (), "blood", "Platelets"),
        _A("retic", "60474-4", "Reticulocytes [#/volume] in Blood by Automated count", "10^9/L", "10*9/L", 0, (25, 100), None,
           (None, None), 0.08, (), "blood", "Reticulocytes"),
        _A("esr", "4537-7", "Erythrocyte sedimentation rate by Westergren method", "mm/h", "mm/h", 0, (None, 15), (None, 20),
           (None, None), 0.15, (), "blood", "ESR"),
        # Coagulation
        _A("inr", "6301-6", "INR in Platelet poor plasma by Coagulation assay", "INR", "{INR}", 1, (0.8, 1.2), None,
           (None, 6.0), 0.03, (), "plasma", "INR"),
        _A("aptt", "14979-9", "aPTT in Platelet poor plasma by Coagulation assay", "s", "s", 0, (22, 34), None, (None, 100),
           0.04, (), "plasma", "aPTT"),
        _A("fibrinogen", "3255-7", "Fibrinogen [Mass/volume] in Platelet poor plasma by Coagulation assay", "g/L", "g/L", 1,
           (1.8, 4.0), None, (1.0, None), 0.05, (), "plasma", "Fibrinogen"),
        _A("ddimer", "48065-7", "Fibrin D-dimer FEU [Mass/volume] in Platelet poor plasma", "ug/L FEU", "ug/L{FEU}", 0,
           (None, 500), None, (None, None), 0.1, (), "plasma", "D-dimer"),
        # Inflammation
        _A("crp", "1988-5", "C reactive protein [Mass/volume] in Serum or Plasma", "mg/L", "mg/L", 0, (None, 5), None,
           (None, None), 0.1, (), "serum", "CRP"),
        _A("pct", "33959-8", "Procalcitonin [Mass/volume] in Serum or Plasma", "ug/L", "ug/L", 2, (None, 0.25), None,
           (None, None), 0.1, (), "serum", "Procalcitonin"),
        _A("ferritin", "2276-4", "Ferritin [Mass/volume] in Serum or Plasma", "ug/L", "ug/L", 0, (30, 400), (15, 200),
           (None, None), 0.07, ((14, 15, 150),), "serum", "Ferritin"),
        # Kidney and electrolytes
        _A("crea", "14682-9", "Creatinine [Moles/volume] in Serum or Plasma", "umol/L", "umol/L", 0, (60, 110), (45, 90),
           (None, 700), 0.04, ((0.04, 25, 90), (3, 15, 35), (8, 20, 50), (14, 30, 65)), "serum", "Creatinine"),
        _A("egfr", "62238-1", "Glomerular filtration rate/1.73 sq M.predicted [Volume Rate/Area] in Serum, Plasma or Blood "
           "by Creatinine-based formula (CKD-EPI)", "mL/min/1.73m2", "mL/min/{1.73_m2}", 0, (60, None), None, (None, None),
           0.0, (), "serum", "eGFR"),
        _A("urea", "22664-7", "Urea [Moles/volume] in Serum or Plasma", "mmol/L", "mmol/L", 1, (2.5, 7.5), None,
           (None, 45.0), 0.06, ((2, 1.5, 6.0),), "serum", "Urea"),
        _A("na", "2951-2", "Sodium [Moles/volume] in Serum or Plasma", "mmol/L", "mmol/L", 0, (135, 145), None, (120, 160),
           0.007, (), "serum", "Sodium"),
        _A("k", "2823-3", "Potassium [Moles/volume] in Serum or Plasma", "mmol/L", "mmol/L", 1, (3.5, 5.0), None, (2.7, 6.2),
           0.03, ((0.04, 3.7, 6.0), (1, 3.7, 5.6)), "serum", "Potassium"),
        _A("cl", "2075-0", "Chloride [Moles/volume] in Serum or Plasma", "mmol/L", "mmol/L", 0, (97, 107), None, (80, 120),
           0.008, (), "serum", "Chloride"),
        _A("hco3", "1963-8", "Bicarbonate [Moles/volume] in Serum or Plasma", "mmol/L", "mmol/L", 0, (22, 29), None, (10, 40),
           0.03, ((2, 19, 27),), "serum", "Bicarbonate"),
        _A("ca", "2000-8", "Calcium [Moles/volume] in Serum or Plasma", "mmol/L", "mmol/L", 2, (2.15, 2.60), None, (1.65, 3.50),
           0.012, (), "serum", "Calcium"),
        _A("phos", "14879-1", "Phosphate [Moles/volume] in Serum or Plasma", "mmol/L", "mmol/L", 2, (0.80, 1.50), None,
           (0.30, None), 0.06, ((1, 1.30, 2.40), (14, 1.10, 1.90)), "serum", "Phosphate"),
        _A("mg", "2601-3", "Magnesium [Moles/volume] in Serum or Plasma", "mmol/L", "mmol/L", 2, (0.70, 1.05), None,
           (0.40, 2.00), 0.03, (), "serum", "Magnesium"),
        _A("urate", "14933-6", "Urate [Moles/volume] in Serum or Plasma", "mmol/L", "mmol/L", 2, (0.20, 0.42), (0.15, 0.36),
           (None, None), 0.05, (), "serum", "Urate"),
        _A("pth", "14866-4", "Parathyrin.intact [Moles/volume] in Serum or Plasma", "pmol/L", "pmol/L", 1, (1.5, 7.0), None,
           (None, None), 0.08, (), "serum", "PTH"),
        _A("vitd", "14635-7", "25-hydroxyvitamin D3 [Moles/volume] in Serum or Plasma", "nmol/L", "nmol/L", 0, (50, 125), None,
           (None, None), 0.06, (), "serum", "Vitamin D"),
        _A("uacr", "9318-7", "Albumin/Creatinine [Mass Ratio] in Urine", "mg/g", "mg/g", 0, (None, 30), None, (None, None),
           0.15, (), "urine", "Albumin/creatinine in urine"),
        # Liver, pancreas, muscle, heart
        _A("alt", "1742-6", "Alanine aminotransferase [Enzymatic activity/volume] in Serum or Plasma", "U/L", "U/L", 0,
           (None, 45), (None, 34), (None, None), 0.09, (), "serum", "ALT"),
        _A("ast", "1920-8", "Aspartate aminotransferase [Enzymatic activity/volume] in Serum or Plasma", "U/L", "U/L", 0,
           (None, 35), (None, 31), (None, None), 0.08, ((2, None, 60),), "serum", "AST"),
        _A("ggt", "2324-2", "Gamma glutamyl transferase [Enzymatic activity/volume] in Serum or Plasma", "U/L", "U/L", 0,
           (None, 55), (None, 38), (None, None), 0.07, ((0.5, None, 150),), "serum", "Gamma-GT"),
        _A("alp", "6768-6", "Alkaline phosphatase [Enzymatic activity/volume] in Serum or Plasma", "U/L", "U/L", 0, (40, 120),
           None, (None, None), 0.05, ((14, 120, 350), (18, 60, 300)), "serum", "Alkaline phosphatase"),
        _A("bili", "14631-6", "Bilirubin.total [Moles/volume] in Serum or Plasma", "umol/L", "umol/L", 0, (None, 17), None,
           (None, 300), 0.09, ((0.04, None, 200),), "serum", "Bilirubin"),
        _A("alb", "1751-7", "Albumin [Mass/volume] in Serum or Plasma", "g/L", "g/L", 0, (35, 50), None, (15, None), 0.025, (),
           "serum", "Albumin"),
        _A("ldh", "14804-9", "Lactate dehydrogenase [Enzymatic activity/volume] in Serum or Plasma by Lactate to pyruvate "
           "reaction", "U/L", "U/L", 0, (None, 250), None, (None, None), 0.06, ((2, None, 450), (14, None, 300)), "serum", "LDH"),
        _A("lipase", "3040-3", "Lipase [Enzymatic activity/volume] in Serum or Plasma", "U/L", "U/L", 0, (None, 60), None,
           (None, None), 0.1, (), "serum", "Lipase"),
        _A("ck", "2157-6", "Creatine kinase [Enzymatic activity/volume] in Serum or Plasma", "U/L", "U/L", 0, (None, 190),
           (None, 170), (None, None), 0.12, (), "serum", "CK"),
        _A("troponin", "67151-1", "Troponin T.cardiac [Mass/volume] in Serum or Plasma by High sensitivity method", "ng/L",
           "ng/L", 0, (None, 14), None, (None, 100), 0.07, (), "plasma", "Troponin T (hs)"),
        _A("ntprobnp", "33762-6", "Natriuretic peptide.B prohormone N-Terminal [Mass/volume] in Serum or Plasma", "ng/L",
           "ng/L", 0, (None, 125), None, (None, None), 0.1, (), "plasma", "NT-proBNP"),
        # Metabolism and hormones
        _A("glucose", "14749-6", "Glucose [Moles/volume] in Serum or Plasma", "mmol/L", "mmol/L", 1, (4.0, 7.8), None,
           (2.5, 25.0), 0.08, ((0.04, 2.6, 6.0),), "plasma", "Glucose"),
        _A("hba1c", "59261-8", "Hemoglobin A1c/Hemoglobin.total in Blood by IFCC protocol", "mmol/mol", "mmol/mol", 0, (20, 42),
           None, (None, None), 0.02, (), "blood", "HbA1c"),
        _A("chol", "14647-2", "Cholesterol [Moles/volume] in Serum or Plasma", "mmol/L", "mmol/L", 1, (None, 5.0), None,
           (None, None), 0.04, (), "serum", "Cholesterol"),
        _A("hdl", "14646-4", "Cholesterol in HDL [Moles/volume] in Serum or Plasma", "mmol/L", "mmol/L", 2, (0.90, None),
           (1.10, None), (None, None), 0.04, (), "serum", "HDL cholesterol"),
        _A("ldl", "22748-8", "Cholesterol in LDL [Moles/volume] in Serum or Plasma", "mmol/L", "mmol/L", 1, (None, 3.0), None,
           (None, None), 0.05, (), "serum", "LDL cholesterol"),
        _A("tg", "14927-8", "Triglyceride [Moles/volume] in Serum or Plasma", "mmol/L", "mmol/L", 1, (None, 2.0), None,
           (None, None), 0.12, (), "serum", "Triglycerides"),
        _A("tsh", "3016-3", "Thyrotropin [Units/volume] in Serum or Plasma", "mU/L", "m[IU]/L", 2, (0.40, 4.00), None,
           (None, None), 0.1, (), "serum", "TSH"),
        _A("ft4", "14920-3", "Thyroxine (T4) free [Moles/volume] in Serum or Plasma", "pmol/L", "pmol/L", 1, (10.0, 22.0), None,
           (None, None), 0.04, (), "serum", "Free T4"),
        _A("tpo", "8099-4", "Thyroperoxidase Ab [Units/volume] in Serum or Plasma", "kIU/L", "k[IU]/L", 0, (None, 35), None,
           (None, None), 0.08, (), "serum", "Anti-TPO"),
        _A("iron", "14798-3", "Iron [Moles/volume] in Serum or Plasma", "umol/L", "umol/L", 0, (10, 30), None, (None, None),
           0.12, (), "serum", "Iron"),
        _A("b12", "14685-6", "Cobalamin (Vitamin B12) [Moles/volume] in Serum or Plasma", "pmol/L", "pmol/L", 0, (150, 650),
           None, (None, None), 0.05, (), "serum", "Vitamin B12"),
        _A("folate", "14732-2", "Folate [Moles/volume] in Serum or Plasma", "nmol/L", "nmol/L", 0, (7, 40), None, (None, None),
           0.06, (), "serum", "Folate"),
        # Blood gas
        _A("ph", "2744-1", "pH of Arterial blood", "pH", "[pH]", 2, (7.35, 7.45), None, (7.15, 7.60), 0.001, (), "arterial", "pH"),
        _A("pco2", "2019-8", "Carbon dioxide [Partial pressure] in Arterial blood", "kPa", "kPa", 1, (4.7, 6.0), None,
           (2.7, 9.3), 0.03, (), "arterial", "pCO2"),
        _A("po2", "2703-7", "Oxygen [Partial pressure] in Arterial blood", "kPa", "kPa", 1, (10.0, 13.5), None, (6.0, None),
           0.04, (), "arterial", "pO2"),
        _A("lactate", "2524-7", "Lactate [Moles/volume] in Serum or Plasma", "mmol/L", "mmol/L", 1, (0.5, 2.2), None,
           (None, 4.0), 0.08, (), "arterial", "Lactate"),
        # Tumour markers and immunology
        _A("psa", "2857-1", "Prostate specific Ag [Mass/volume] in Serum or Plasma", "ug/L", "ug/L", 1, (None, 4.0), None,
           (None, None), 0.08, (), "serum", "PSA"),
        _A("cea", "2039-6", "Carcinoembryonic Ag [Mass/volume] in Serum or Plasma", "ug/L", "ug/L", 1, (None, 5.0), None,
           (None, None), 0.07, (), "serum", "CEA"),
        _A("ca153", "6875-9", "Cancer Ag 15-3 [Units/volume] in Serum or Plasma", "kU/L", "[arb'U]/mL", 0, (None, 30), None,
           (None, None), 0.06, (), "serum", "CA 15-3"),
        _A("afp", "1834-1", "Alpha-1-Fetoprotein [Mass/volume] in Serum or Plasma", "ug/L", "ug/L", 1, (None, 8.0), None,
           (None, None), 0.08, (), "serum", "AFP"),
        _A("rf", "11572-5", "Rheumatoid factor [Units/volume] in Serum or Plasma", "kIU/L", "k[IU]/L", 0, (None, 14), None,
           (None, None), 0.08, (), "serum", "Rheumatoid factor"),
        _A("ccp", "33935-8", "Cyclic citrullinated peptide IgG Ab [Units/volume] in Serum", "kU/L", "[arb'U]/mL", 0, (None, 7),
           None, (None, None), 0.08, (), "serum", "Anti-CCP"),
        _A("dsdna", "5130-0", "DNA double strand Ab [Units/volume] in Serum", "kIU/L", "k[IU]/L", 0, (None, 10), None,
           (None, None), 0.1, (), "serum", "Anti-dsDNA"),
        _A("c3", "4485-9", "Complement C3 [Mass/volume] in Serum or Plasma", "g/L", "g/L", 2, (0.90, 1.80), None, (None, None),
           0.05, (), "serum", "Complement C3"),
        _A("c4", "4498-2", "Complement C4 [Mass/volume] in Serum or Plasma", "g/L", "g/L", 2, (0.10, 0.40), None, (None, None),
           0.05, (), "serum", "Complement C4"),
        _A("calprotectin", "38445-3", "Calprotectin [Mass/mass] in Stool", "ug/g", "ug/g", 0, (None, 50), None, (None, None),
           0.15, (), "stool", "Faecal calprotectin"),
        # Drug levels (the range is the therapeutic one)
        _A("tacrolimus", "11253-2", "Tacrolimus [Mass/volume] in Blood", "ug/L", "ug/L", 1, (5.0, 12.0), None, (None, 20.0),
           0.09, (), "blood", "Tacrolimus trough"),
        _A("lithium", "14334-7", "Lithium [Moles/volume] in Serum or Plasma", "mmol/L", "mmol/L", 2, (0.60, 1.00), None,
           (None, 1.50), 0.06, (), "serum", "Lithium"),
        _A("valproate", "4086-5", "Valproate [Mass/volume] in Serum or Plasma", "mg/L", "mg/L", 0, (50, 100), None,
           (None, 150), 0.07, (), "serum", "Valproate"),
        _A("vancomycin", "4092-3", "Vancomycin [Mass/volume] in Serum or Plasma --trough", "mg/L", "mg/L", 1, (10.0, 20.0), None,
           (None, 30.0), 0.08, (), "serum", "Vancomycin trough"),
        _A("hiv-rna", "20447-9", "HIV 1 RNA [#/volume] (viral load) in Serum or Plasma by NAA with probe detection", "copies/mL",
           "{copies}/mL", 0, (None, 50), None, (None, None), 0.12, (), "plasma", "HIV viral load"),
        _A("cd4", "24467-3", "CD3+CD4+ (T4 helper) cells [#/volume] in Blood", "/uL", "/uL", 0, (500, 1500), None, (None, None),
           0.08, (), "blood", "CD4 cells"),
        _A("csf-leuko", "26465-5", "Leukocytes [#/volume] in Cerebral spinal fluid", "10^6/L", "10*6/L", 0, (None, 5), None,
           (None, None), 0.1, (), "csf", "Leukocytes in CSF"),
        _A("csf-protein", "2880-3", "Protein [Mass/volume] in Cerebral spinal fluid", "g/L", "g/L", 2, (0.15, 0.45), None,
           (None, None), 0.05, (), "csf", "Protein in CSF"),
        _A("csf-glucose", "14744-7", "Glucose [Moles/volume] in Cerebral spinal fluid", "mmol/L", "mmol/L", 1, (2.5, 4.4), None,
           (None, None), 0.05, (), "csf", "Glucose in CSF"),
        _A("ethanol", "5643-2", "Ethanol [Mass/volume] in Serum or Plasma", "g/L", "g/L", 2, (None, 0.1), None, (None, 4.0),
           0.03, (), "serum", "Ethanol"),
    )
}  # fmt: skip

PANELS: dict[str, tuple[str, ...]] = {
    "fbc": ("hb", "ht", "mcv", "leuko", "plt"),
    "diff": ("neut", "lymph", "eos"),
    "counts": ("hb", "leuko", "neut", "plt"),
    "hb": ("hb",),
    "renal": ("crea", "egfr", "urea"),
    "lytes": ("na", "k"),
    "gas": ("ph", "pco2", "po2", "hco3", "lactate"),
    "bone": ("ca", "phos", "alb", "pth", "vitd"),
    "liver": ("alt", "ast", "ggt", "alp", "bili"),
    "synthesis": ("alb", "bili", "inr"),
    "coag": ("inr", "aptt"),
    "lipids": ("chol", "hdl", "ldl", "tg"),
    "thyroid": ("tsh", "ft4"),
    "iron": ("ferritin", "iron"),
    "vitamins": ("b12", "folate"),
    "mineral": ("ca", "mg", "phos"),
    "rheuma": ("rf", "ccp", "esr"),
    "hiv": ("hiv-rna", "cd4"),
    "csf": ("csf-leuko", "csf-protein", "csf-glucose"),
    "ethanol": ("ethanol",),
    "hiv-rna": ("hiv-rna",),
    **{key: (key,) for key in ANALYTES},
}  # fmt: skip
"""What is ordered together, by the name under which it is ordered."""

SPECIMENS: dict[str, tuple[str, str]] = {
    "serum": ("119364003", "Serum specimen"),
    "plasma": ("119361006", "Plasma specimen"),
    "blood": ("119297000", "Blood specimen"),
    "arterial": ("122552005", "Arterial blood specimen"),
    "urine": ("122575003", "Urine specimen"),
    "stool": ("119339001", "Stool specimen"),
    "sputum": ("119334006", "Sputum specimen"),
    "csf": ("258450006", "Cerebrospinal fluid sample"),
    "tissue": ("119376003", "Tissue specimen"),
    "wound": ("119365002", "Specimen from wound"),
    "marrow": ("119359002", "Bone marrow specimen"),
}
"""SNOMED CT codes of specimen types."""
