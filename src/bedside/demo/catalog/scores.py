"""Scores and single findings that are neither laboratory nor vital sign: lung function, scales, eyes, obstetrics."""

from __future__ import annotations

from typing import NamedTuple

from bedside.demo.codes import LOINC, Json, coding, concept, local


class Score(NamedTuple):
    """A measurement with one number: LOINC code (empty: the hospital's own), unit, decimals, category and range."""

    key: str
    code: str
    display: str
    unit: str
    ucum: str
    digits: int
    category: str
    low: float | None = None
    high: float | None = None


_S = Score
SCORES: dict[str, Score] = {
    s.key: s
    for s in (
        _S("fev1", "20150-9", "FEV1", "L", "L", 2, "procedure"),
        _S("fvc", "19870-5", "Forced vital capacity [Volume] Respiratory system", "L", "L", 2, "procedure"),
        _S("fev1-fvc", "19926-5", "FEV1/FVC", "%", "%", 0, "procedure", 70, None),
        _S("lvef", "10230-1", "Left ventricular Ejection fraction", "%", "%", 0, "imaging", 52, None),
        _S("mmse", "72106-8", "Total score [MMSE]", "points", "{score}", 0, "survey", 25, None),
        _S("nihss", "72089-6", "Total score [NIH Stroke Scale]", "points", "{score}", 0, "survey", None, 0),
        _S("ecog", "89247-1", "ECOG Performance Status score", "points", "{score}", 0, "survey"),
        _S("phq9", "44261-6", "Patient Health Questionnaire 9 item (PHQ-9) total score [Reported]", "points", "{score}", 0, "survey", None, 4),
        _S("das28", "", "Disease activity score of 28 joints (DAS28-CRP)", "points", "{score}", 1, "survey", None, 2.6),
        _S("barthel", "", "Barthel index", "points", "{score}", 0, "survey", 20, None),
        _S("edss", "", "Expanded disability status scale", "points", "{score}", 1, "survey", None, 0.0),
        _S("delirium-scale", "", "Delirium observation screening score", "points", "{score}", 0, "survey", None, 2),
        _S("frailty-scale", "", "Clinical frailty scale", "points", "{score}", 0, "survey", None, 3),
        _S("malnutrition", "", "Malnutrition screening score", "points", "{score}", 0, "survey", None, 1),
        _S("pressure-ulcer", "", "Pressure ulcer risk score", "points", "{score}", 0, "survey", 16, None),
        _S("early-warning", "", "Early warning score", "points", "{score}", 0, "survey", None, 2),
        _S("asa", "", "Physical status before anaesthesia", "class", "{class}", 0, "exam"),
        _S("pasi", "", "Psoriasis area and severity index", "points", "{score}", 1, "survey", None, 3),
        _S("hip-score", "", "Hip outcome score (0 worst, 100 best)", "points", "{score}", 0, "survey"),
        _S("asthma-control", "", "Asthma control score (5 worst, 25 best)", "points", "{score}", 0, "survey", 20, None),
        _S("mayo", "", "Bowel disease activity score", "points", "{score}", 0, "survey", None, 2),
        _S("bone-density", "", "T-score of femoral neck", "SD", "{T-score}", 1, "imaging", -1.0, None),
        _S("iop-right", "", "Intraocular pressure, right eye", "mmHg", "mm[Hg]", 0, "exam", 10, 21),
        _S("iop-left", "", "Intraocular pressure, left eye", "mmHg", "mm[Hg]", 0, "exam", 10, 21),
        _S("acuity-right", "", "Visual acuity, right eye (decimal)", "1", "1", 2, "exam", 0.8, None),
        _S("acuity-left", "", "Visual acuity, left eye (decimal)", "1", "1", 2, "exam", 0.8, None),
        _S("hearing-right", "", "Hearing threshold, right ear (average)", "dB", "dB", 0, "exam", None, 20),
        _S("hearing-left", "", "Hearing threshold, left ear (average)", "dB", "dB", 0, "exam", None, 20),
        _S("gestation", "18185-9", "Gestational age", "wk", "wk", 0, "exam"),
        _S("fundal-height", "11881-0", "Uterus Fundal height Tape measure", "cm", "cm", 0, "exam"),
        _S("fetal-heart", "55283-6", "Fetal Heart rate", "/min", "/min", 0, "exam", 110, 160),
        _S("apgar1", "9272-6", "1 minute Apgar Score", "points", "{score}", 0, "survey", 7, None),
        _S("apgar5", "9274-2", "5 minute Apgar Score", "points", "{score}", 0, "survey", 7, None),
        _S("birth-weight", "8339-4", "Birth weight Measured", "g", "g", 0, "exam"),
        _S("residual-urine", "", "Residual urine after voiding", "mL", "mL", 0, "exam", None, 100),
        _S("breslow", "", "Breslow thickness", "mm", "mm", 1, "exam"),
        _S("walking", "", "Distance walked in six minutes", "m", "m", 0, "exam"),
        _S("moca", "72172-0", "Total score [MoCA]", "points", "{score}", 0, "survey", 26, None),
        _S("rankin", "", "Modified Rankin scale", "points", "{score}", 0, "survey", None, 1),
        _S("sofa", "", "Sequential organ failure assessment score", "points", "{score}", 0, "survey", None, 1),
        _S("hoehn-yahr", "", "Hoehn and Yahr stage", "stage", "{stage}", 1, "survey"),
        _S("parkinson-motor", "", "Parkinson motor score (0 best)", "points", "{score}", 0, "survey"),
        _S("alsfrs", "", "ALS functional rating scale, revised (48 best)", "points", "{score}", 0, "survey", 48, None),
        _S("seizures", "", "Seizures in the last month", "seizures", "{count}", 0, "survey", None, 0),
        _S("headache-days", "", "Days with headache in the last month", "days", "d", 0, "survey", None, 4),
        _S("mania", "", "Mania rating scale", "points", "{score}", 0, "survey", None, 12),
        _S("psychosis-scale", "", "Positive and negative symptoms of psychosis (30 best)", "points", "{score}", 0, "survey", None, 58),
        _S("alcohol-use", "", "Alcohol use questionnaire (0 to 40)", "points", "{score}", 0, "survey", None, 7),
        _S("withdrawal-scale", "", "Alcohol withdrawal scale", "points", "{score}", 0, "survey", None, 8),
        _S("gait-speed", "", "Gait speed over four metres", "m/s", "m/s", 2, "exam", 0.8, None),
        _S("symptom-burden", "", "Burden of symptoms (0 none, 100 worst)", "points", "{score}", 0, "survey"),
        _S("basdai", "", "Ankylosing spondylitis disease activity (0 to 10)", "points", "{score}", 1, "survey", None, 4.0),
        _S("lupus-activity", "", "Lupus disease activity index", "points", "{score}", 0, "survey", None, 4),
        _S("urinary-symptoms", "", "Prostate symptom score (0 to 35)", "points", "{score}", 0, "survey", None, 7),
        _S("eczema-area", "", "Eczema area and severity index", "points", "{score}", 1, "survey", None, 7.0),
        _S("cobb", "", "Cobb angle", "deg", "deg", 0, "imaging", None, 10),
        _S("ankle-brachial", "", "Ankle-brachial pressure index", "ratio", "{ratio}", 2, "exam", 0.9, 1.3),
        _S("ulcer-area", "", "Area of ulcer", "cm2", "cm2", 1, "exam"),
        _S("burned-area", "", "Body surface burned", "%", "%", 0, "exam"),
        _S("injury-severity", "", "Injury severity score", "points", "{score}", 0, "survey", None, 15),
    )
}  # fmt: skip

SCORE_CONCEPTS: dict[str, Json] = {
    s.key: concept(s.display, coding(LOINC, s.code, s.display) if s.code else local("observations", s.key, s.display))
    for s in SCORES.values()
}

PHQ9: tuple[tuple[str, str, str], ...] = (
    ("44250-9", "Little interest or pleasure in doing things", "Weinig interesse of plezier in activiteiten"),
    ("44255-8", "Feeling down, depressed, or hopeless", "Neerslachtig, depressief of hopeloos"),
    ("44259-0", "Trouble falling or staying asleep, or sleeping too much", "Moeite met inslapen of doorslapen, of te veel slapen"),
    ("44254-1", "Feeling tired or having little energy", "Moe zijn of weinig energie hebben"),
    ("44251-7", "Poor appetite or overeating", "Slechte eetlust of te veel eten"),
    ("44258-2", "Feeling bad about yourself", "Een slecht gevoel over uzelf"),
    ("44252-5", "Trouble concentrating on things", "Moeite met concentreren"),
    ("44253-3", "Moving or speaking slowly, or being restless", "Traag bewegen of spreken, of juist onrustig zijn"),
    ("44260-8", "Thoughts of being better off dead or of self-harm", "De gedachte beter dood te kunnen zijn"),
)  # fmt: skip
"""The nine items of PHQ-9: LOINC code, words in English and in Dutch (in our own short wording)."""

ANSWERS: tuple[tuple[str, str], ...] = (
    ("LA6568-5", "Not at all"),
    ("LA6569-3", "Several days"),
    ("LA6570-1", "More than half the days"),
    ("LA6571-9", "Nearly every day"),
)
"""LOINC answer codes for 0 to 3 points."""

VACCINES: dict[str, tuple[str, str]] = {
    "hexavalent": ("J07CA09", "diphtheria-haemophilus influenzae B-pertussis-poliomyelitis-tetanus-hepatitis B"),
    "pneumococcal": ("J07AL02", "pneumococcus, purified polysaccharides antigen conjugated"),
    "rotavirus": ("J07BH01", "rota virus, live attenuated"),
    "mmr": ("J07BD52", "measles, combinations with mumps and rubella, live attenuated"),
    "menacwy": ("J07AH08", "meningococcus A,C,Y,W-135, tetravalent purified polysaccharides antigen conjugated"),
    "dktp": ("J07CA02", "diphtheria-pertussis-poliomyelitis-tetanus"),
    "dtp": ("J07CA01", "diphtheria-poliomyelitis-tetanus"),
    "hpv": ("J07BM03", "papillomavirus (human types 6, 11, 16, 18, 31, 33, 45, 52, 58)"),
    "influenza": ("J07BB02", "influenza, inactivated, split virus or surface antigen"),
    "covid": ("J07BN01", "covid-19, RNA-based vaccine"),
    "tetanus": ("J07AM01", "tetanus toxoid"),
}
"""ATC codes and names of the vaccines in use."""

SCHEDULES: dict[str, tuple[tuple[str, float], ...]] = {
    "NL": (("rotavirus", 0.13), ("rotavirus", 0.25), ("hexavalent", 0.25), ("pneumococcal", 0.25), ("hexavalent", 0.42),
           ("pneumococcal", 0.42), ("hexavalent", 1.0), ("pneumococcal", 1.0), ("mmr", 1.17), ("menacwy", 1.17),
           ("mmr", 3.0), ("dktp", 5.0), ("hpv", 10.1), ("hpv", 10.6), ("dtp", 14.0), ("menacwy", 14.2)),
    "BE": (("hexavalent", 0.16), ("rotavirus", 0.16), ("pneumococcal", 0.16), ("hexavalent", 0.25), ("rotavirus", 0.25),
           ("hexavalent", 0.33), ("pneumococcal", 0.33), ("mmr", 1.0), ("pneumococcal", 1.0), ("hexavalent", 1.25),
           ("menacwy", 1.25), ("dktp", 5.5), ("mmr", 8.0), ("hpv", 12.5), ("hpv", 13.0), ("dktp", 14.5)),
}  # fmt: skip
"""The childhood programmes of the Netherlands and Flanders in outline: vaccine and age in years."""
