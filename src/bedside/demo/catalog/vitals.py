"""What is measured at the bedside: vital signs, scores and nursing observations, in the shape of an `Analyte`."""

from __future__ import annotations

from bedside.demo.catalog.labs import Analyte

_A = Analyte
_HEART = ((0.1, 100, 180), (1, 90, 160), (3, 80, 140), (6, 75, 130), (12, 65, 115))
_BREATH = ((0.1, 30, 60), (1, 25, 50), (3, 20, 36), (6, 18, 30), (12, 14, 26))
_SYSTOLIC = ((0.1, 55, 90), (1, 65, 105), (6, 75, 115), (12, 85, 122))
_DIASTOLIC = ((0.1, 30, 60), (1, 35, 65), (6, 40, 75), (12, 45, 80))

VITALS: dict[str, Analyte] = {
    a.key: a
    for a in (
        _A("sbp", "8480-6", "Systolic blood pressure", "mmHg", "mm[Hg]", 0, (100, 140), None, (80, 190), 4, _SYSTOLIC),
        _A("dbp", "8462-4", "Diastolic blood pressure", "mmHg", "mm[Hg]", 0, (55, 90), None, (40, 115), 3, _DIASTOLIC),
        _A("hr", "8867-4", "Heart rate", "/min", "/min", 0, (50, 100), None, (40, 140), 4, _HEART, "", "Heart rate"),
        _A("rr", "9279-1", "Respiratory rate", "/min", "/min", 0, (10, 20), None, (8, 30), 1, _BREATH, "", "Breathing rate"),
        _A("temp", "8310-5", "Body temperature", "°C", "Cel", 1, (36.0, 38.0), None, (35.0, 40.0), 0.12, (), "", "Temperature"),
        _A("spo2", "2708-6", "Oxygen saturation in Arterial blood", "%", "%", 0, (94, None), None, (88, None), 0.7, (), "",
           "Oxygen saturation"),
        _A("weight", "29463-7", "Body weight", "kg", "kg", 1, (None, None), None, (None, None), 0.35, (), "", "Weight"),
        _A("height", "8302-2", "Body height", "cm", "cm", 0, (None, None), None, (None, None), 0.0, (), "", "Height"),
        _A("length", "8306-3", "Body height --lying", "cm", "cm", 1, (None, None), None, (None, None), 0.0, (), "", "Length"),
        _A("bmi", "39156-5", "Body mass index (BMI) [Ratio]", "kg/m2", "kg/m2", 1, (18.5, 25.0), None, (None, None), 0.0,
           ((18, None, None),), "", "BMI"),
        _A("head", "9843-4", "Head Occipital-frontal circumference", "cm", "cm", 1, (None, None), None, (None, None), 0.1, (),
           "", "Head circumference"),
        _A("gcs", "9269-2", "Glasgow coma score total", "points", "{score}", 0, (15, None), None, (9, None), 0.0, (), "", "GCS"),
        _A("pain", "72514-3", "Pain severity - 0-10 verbal numeric rating [Score] - Reported", "points", "{score}", 0,
           (None, 3), None, (None, 8), 0.7, (), "", "Pain"),
        _A("urine", "9187-6", "Urine output", "mL", "mL", 0, (None, None), None, (None, None), 0.0, (), "", "Urine output"),
        _A("fio2", "3150-6", "Inhaled oxygen concentration", "%", "%", 0, (None, None), None, (None, None), 0.0, (), "", "FiO2"),
    )
}  # fmt: skip

BLOOD_PRESSURE = ("85354-9", "Blood pressure panel with all children optional")
GCS_PARTS = (
    ("9267-6", "Glasgow coma score eye opening", 4),
    ("9270-0", "Glasgow coma score verbal", 5),
    ("9268-4", "Glasgow coma score motor", 6),
)
"""LOINC, display and maximum of the three parts of the Glasgow coma score."""
