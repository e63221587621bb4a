"""What is done: procedures, imaging and what the laboratory grows, with SNOMED CT, LOINC and DICOM codes."""

from __future__ import annotations

from typing import NamedTuple

from bedside.demo.codes import SNOMED, Json, coding, concept, local


class Action(NamedTuple):
    """A procedure: SNOMED CT code (empty: the hospital's own code), display, and its name in Dutch letters."""

    key: str
    snomed: str
    display: str
    dutch: str
    minutes: int = 60


class Imaging(NamedTuple):
    """An examination with pictures: its code, modality in DICOM, body part, and what is said when all is well."""

    key: str
    snomed: str
    display: str
    modality: str
    part: tuple[str, str]
    images: int
    normal: str


_A = Action
ACTIONS: dict[str, Action] = {
    a.key: a
    for a in (
        _A("appendectomy", "80146002", "Appendectomy", "appendectomie", 50),
        _A("cholecystectomy", "45595009", "Laparoscopic cholecystectomy", "laparoscopische cholecystectomie", 70),
        _A("hernia-repair", "44558001", "Repair of inguinal hernia", "liesbreukcorrectie", 55),
        _A("colectomy", "43075005", "Partial resection of colon", "hemicolectomie", 160),
        _A("hip-replacement", "52734007", "Total replacement of hip", "totale heupprothese", 85),
        _A("knee-replacement", "609588000", "Total knee replacement", "totale knieprothese", 90),
        _A("hip-hemiarthroplasty", "", "Hemiarthroplasty of hip", "kophalsprothese", 75),
        _A("femur-nail", "", "Intramedullary nailing of femur", "intramedullaire pen femur", 110),
        _A("cast", "79321009", "Application of cast", "gipsbehandeling", 25),
        _A("cabg", "232717009", "Coronary artery bypass grafting", "coronaire bypassoperatie", 240),
        _A("valve-replacement", "26212005", "Replacement of aortic valve", "aortaklepvervanging", 220),
        _A("aneurysm-repair", "", "Endovascular repair of abdominal aortic aneurysm", "endovasculaire aneurysmabehandeling", 150),
        _A("pci", "415070008", "Percutaneous coronary intervention", "dotterbehandeling met stent", 55),
        _A("cardioversion", "180325003", "Electrical cardioversion", "elektrische cardioversie", 20),
        _A("icd-implant", "", "Implantation of cardioverter defibrillator", "implantatie van een ICD", 80),
        _A("pacemaker", "307280005", "Implantation of cardiac pacemaker", "pacemakerimplantatie", 60),
        _A("mastectomy", "172043006", "Simple mastectomy", "ablatio mammae", 100),
        _A("lumpectomy", "392021009", "Lumpectomy of breast", "borstsparende operatie", 80),
        _A("breast-reconstruction", "", "Breast reconstruction with free flap", "borstreconstructie met vrije lap", 380),
        _A("lobectomy", "", "Lobectomy of lung", "lobectomie", 170),
        _A("prostatectomy", "90470006", "Prostatectomy", "prostatectomie", 180),
        _A("turp", "90199006", "Transurethral prostatectomy", "transurethrale prostaatresectie", 60),
        _A("ureteroscopy", "", "Ureteroscopic stone removal", "ureteroscopische steenverwijdering", 60),
        _A("kidney-transplantation", "70536003", "Transplant of kidney", "niertransplantatie", 200),
        _A("haemodialysis", "302497006", "Hemodialysis", "hemodialyse", 240),
        _A("fistula", "", "Creation of arteriovenous fistula", "aanleg arterioveneuze fistel", 90),
        _A("marrow-transplantation", "", "Allogeneic haematopoietic stem cell transplantation", "allogene stamceltransplantatie", 120),
        _A("marrow-biopsy", "", "Bone marrow aspiration and biopsy", "beenmergpunctie", 30),
        _A("caesarean", "11466000", "Cesarean section", "sectio caesarea", 50),
        _A("delivery", "177184002", "Normal delivery procedure", "vaginale bevalling", 60),
        _A("hysterectomy", "236886002", "Hysterectomy", "hysterectomie", 110),
        _A("laparoscopy-endometriosis", "", "Laparoscopic excision of endometriosis", "laparoscopische excisie van endometriose", 120),
        _A("cataract-surgery", "54885007", "Cataract surgery", "cataractextractie met lensimplantatie", 20),
        _A("intravitreal", "", "Intravitreal injection", "intravitreale injectie", 10),
        _A("tonsillectomy", "173422009", "Tonsillectomy", "tonsillectomie", 30),
        _A("sinus-surgery", "", "Functional endoscopic sinus surgery", "endoscopische neusbijholteoperatie", 90),
        _A("cochlear-implant", "", "Cochlear implantation", "cochleaire implantatie", 150),
        _A("carpal-release", "47534009", "Decompression of carpal tunnel", "decompressie van de carpale tunnel", 20),
        _A("skin-graft", "", "Split skin graft", "gesplitste huidtransplantatie", 90),
        _A("skin-excision", "", "Excision of lesion of skin", "excisie van een huidafwijking", 30),
        _A("craniotomy", "25353009", "Craniotomy", "craniotomie", 210),
        _A("burr-hole", "", "Burr hole drainage of subdural haematoma", "boorgatdrainage van subduraal hematoom", 50),
        _A("discectomy", "", "Lumbar discectomy", "lumbale discectomie", 75),
        _A("thrombolysis", "", "Intravenous thrombolysis", "intraveneuze trombolyse", 60),
        _A("thrombectomy", "", "Mechanical thrombectomy of cerebral artery", "trombectomie", 70),
        _A("ventilation", "40617009", "Artificial ventilation", "beademing", 0),
        _A("intubation", "112798008", "Insertion of endotracheal tube", "intubatie", 15),
        _A("central-line", "", "Insertion of central venous catheter", "centraalveneuze lijn", 25),
        _A("transfusion", "116859006", "Transfusion of blood product", "bloedtransfusie", 120),
        _A("chemotherapy", "367336001", "Chemotherapy", "chemotherapie", 180),
        _A("radiotherapy", "108290001", "Radiation oncology AND/OR radiotherapy", "radiotherapie", 15),
        _A("colonoscopy", "73761001", "Colonoscopy", "coloscopie", 35),
        _A("gastroscopy", "", "Upper gastrointestinal endoscopy", "gastroscopie", 20),
        _A("banding", "", "Endoscopic banding of oesophageal varices", "bandligatie van varices", 30),
        _A("bronchoscopy", "10847001", "Bronchoscopy", "bronchoscopie", 30),
        _A("paracentesis", "", "Paracentesis of ascites", "ascitespunctie", 40),
        _A("lumbar-puncture", "277762005", "Lumbar puncture", "lumbaalpunctie", 30),
        _A("suture", "288086009", "Suture open wound", "hechten van een wond", 25),
        _A("biopsy-breast", "122548005", "Biopsy of breast", "mammabiopt", 20),
        _A("biopsy-prostate", "65575008", "Biopsy of prostate", "prostaatbiopten", 20),
        _A("biopsy-skin", "240977001", "Biopsy of skin", "huidbiopt", 15),
        _A("biopsy-kidney", "7246002", "Kidney biopsy", "nierbiopt", 30),
        _A("nerve-block", "", "Image-guided nerve block", "zenuwblokkade", 30),
        _A("ect", "23835007", "Electroconvulsive therapy", "elektroconvulsietherapie", 20),
        _A("rehabilitation", "", "Multidisciplinary rehabilitation session", "revalidatiebehandeling", 45),
        _A("phototherapy", "", "Ultraviolet B phototherapy", "UVB-lichttherapie", 15),
        _A("phototherapy-newborn", "", "Phototherapy of newborn", "fototherapie bij de pasgeborene", 0),
        _A("spirometry", "127783003", "Spirometry", "spirometrie", 20),
        _A("anaesthesia", "", "General anaesthesia", "algehele anesthesie", 0),
        _A("spinal", "", "Spinal anaesthesia", "spinale anesthesie", 0),
        _A("eeg", "54550000", "Electroencephalogram", "eeg", 45),
        _A("psychotherapy", "75516001", "Psychotherapy", "psychotherapie", 45),
        _A("electromyography", "", "Electromyography and nerve conduction study", "elektromyografie", 45),
        _A("shunt", "", "Ventriculoperitoneal shunt", "ventriculoperitoneale drain", 75),
        _A("ventricular-drain", "", "External ventricular drain", "externe ventrikeldrain", 40),
        _A("coiling", "", "Endovascular coiling of cerebral aneurysm", "coiling van een cerebraal aneurysma", 120),
        _A("gastrostomy", "", "Percutaneous endoscopic gastrostomy", "PEG-sonde", 30),
        _A("tube-feeding", "", "Nasogastric tube feeding", "sondevoeding", 30),
        _A("home-ventilation", "", "Start of non-invasive ventilation at home", "start thuisbeademing", 60),
        _A("geriatric-assessment", "", "Comprehensive geriatric assessment", "comprehensive geriatric assessment", 60),
        _A("medication-review", "", "Structured medication review", "medicatiebeoordeling", 30),
        _A("advance-care", "", "Advance care planning conversation", "gesprek over zorgwensen", 50),
        _A("ankle-fixation", "", "Open reduction and internal fixation of ankle", "osteosynthese van de enkel", 75),
        _A("wrist-fixation", "", "Plate fixation of distal radius", "plaatosteosynthese van de distale radius", 65),
        _A("fracture-reduction", "", "Closed reduction of fracture", "gesloten repositie", 20),
        _A("chest-drain", "", "Insertion of chest drain", "thoraxdrainage", 20),
        _A("spinal-fusion", "", "Posterior correction and fusion of scoliosis", "posterieure scoliosecorrectie", 300),
        _A("brace", "", "Fitting of a spinal brace", "aanmeten van een brace", 40),
        _A("prosthesis-debridement", "", "Debridement of joint prosthesis with retention of the implant", "debridement met behoud van de prothese", 110),
        _A("joint-aspiration", "", "Aspiration of joint", "gewrichtspunctie", 15),
        _A("hartmann", "", "Resection of sigmoid with end colostomy (Hartmann)", "Hartmannprocedure", 150),
        _A("stoma-reversal", "", "Restoration of bowel continuity", "herstel van de continuïteit", 160),
        _A("gastric-bypass", "", "Laparoscopic gastric bypass", "laparoscopische gastric bypass", 95),
        _A("leg-angioplasty", "", "Balloon angioplasty of leg artery", "dotterbehandeling van een beenslagader", 80),
        _A("leg-bypass", "", "Femoropopliteal bypass", "femoropopliteale bypass", 170),
        _A("toe-amputation", "", "Amputation of toe", "teenamputatie", 40),
        _A("walking-exercise", "", "Supervised walking exercise", "gesuperviseerde looptraining", 30),
        _A("cystoscopy", "", "Cystoscopy", "cystoscopie", 15),
        _A("bladder-resection", "", "Transurethral resection of bladder tumour", "transurethrale resectie van een blaastumor", 50),
        _A("bladder-instillation", "", "Bladder instillation", "blaasspoeling", 30),
        _A("ureteral-stent", "", "Insertion of ureteral stent", "plaatsing van een JJ-katheter", 30),
        _A("sentinel-node", "", "Sentinel lymph node biopsy", "schildwachtklierbiopsie", 60),
        _A("compression", "", "Compression bandaging of leg", "compressietherapie", 20),
        _A("wound-care", "", "Cleaning and dressing of wound", "wondverzorging", 20),
    )
}  # fmt: skip

_THORAX = ("51185008", "Thoracic structure")
_HEAD = ("69536005", "Head structure")
_BRAIN = ("12738006", "Brain structure")
_ABDOMEN = ("818983003", "Abdomen")
_BREAST = ("76752008", "Breast structure")
_HIP = ("29836001", "Hip region structure")
_KNEE = ("72696002", "Knee region structure")
_WRIST = ("8205005", "Wrist region structure")
_ANKLE = ("344001", "Ankle region structure")
_HEART = ("80891009", "Heart structure")
_UTERUS = ("35039007", "Uterine structure")
_SPINE = ("421060004", "Vertebral column structure")
_KIDNEY = ("64033007", "Kidney structure")
_LEG = ("61685007", "Lower limb structure")
_HAND = ("85562004", "Hand structure")
_PELVIS = ("12921003", "Pelvic structure")
_PROSTATE = ("41216001", "Prostatic structure")

_I = Imaging
IMAGING: dict[str, Imaging] = {
    i.key: i
    for i in (
        _I("chest-xray", "399208008", "Plain chest X-ray", "DX", _THORAX, 2, "Heart not enlarged. Lungs clear, no pleural fluid."),
        _I("ct-head", "303653007", "Computed tomography of head", "CT", _HEAD, 180, "No haemorrhage, no signs of recent ischaemia. Midline in place."),
        _I("mri-brain", "816077007", "Magnetic resonance imaging of brain", "MR", _BRAIN, 420, "No abnormal signal, no diffusion restriction."),
        _I("mri-spine", "", "MRI of lumbar spine", "MR", _SPINE, 260, "Normal alignment, no compression of nerve roots."),
        _I("ct-body", "418891003", "Computed tomography of chest and abdomen", "CT", _THORAX, 640, "No enlarged lymph nodes, no metastases in lung or liver."),
        _I("ct-abdomen", "169070004", "CT of abdomen", "CT", _ABDOMEN, 420, "No abnormalities of liver, pancreas, kidneys or bowel."),
        _I("ct-pa", "", "CT pulmonary angiography", "CT", _THORAX, 380, "No pulmonary embolism."),
        _I("us-abdomen", "45036003", "Ultrasonography of abdomen", "US", _ABDOMEN, 24, "Liver, gallbladder, kidneys and spleen without abnormalities."),
        _I("us-kidney", "", "Ultrasound of kidneys", "US", _KIDNEY, 16, "Both kidneys of normal size, no hydronephrosis."),
        _I("us-obstetric", "", "Obstetric ultrasound", "US", _UTERUS, 18, "Single intrauterine pregnancy, size according to dates, heartbeat present."),
        _I("mammography", "71651007", "Mammography", "MG", _BREAST, 4, "BI-RADS 1: no abnormalities."),
        _I("hip-xray", "", "X-ray of hip and pelvis", "DX", _HIP, 2, "No fracture."),
        _I("knee-xray", "74016001", "Knee X-ray", "DX", _KNEE, 2, "No fracture, joint space preserved."),
        _I("wrist-xray", "60027007", "X-ray of wrist", "DX", _WRIST, 2, "No fracture."),
        _I("ankle-xray", "19490002", "Ankle X-ray", "DX", _ANKLE, 3, "No fracture."),
        _I("echo", "433236007", "Transthoracic echocardiography", "US", _HEART, 60, "Good left ventricular function, no significant valve disease."),
        _I("angiography", "33367005", "Coronary angiography", "XA", _HEART, 40, "No significant stenoses."),
        _I("pet-ct", "", "FDG PET-CT", "PT", _THORAX, 520, "No pathological FDG uptake."),
        _I("dxa", "312681000", "Bone density scan", "DX", _HIP, 3, "Bone density within the range for age."),
        _I("oct", "", "Optical coherence tomography of macula", "OPT", ("81745001", "Structure of eye proper"), 50, "Normal retinal contour, no fluid."),
        _I("ct-angio", "", "CT angiography of head and neck", "CT", _HEAD, 320, "No occlusion or aneurysm of the cerebral arteries."),
        _I("echo-oesophagus", "", "Transoesophageal echocardiography", "US", _HEART, 80, "No vegetations, valves without significant disease."),
        _I("us-carotid", "", "Ultrasound of carotid arteries", "US", ("45048000", "Neck structure"), 20, "No significant stenosis of the carotid arteries."),
        _I("hand-xray", "", "X-ray of hands and feet", "DX", _HAND, 4, "No erosions."),
        _I("spine-xray", "", "X-ray of whole spine", "DX", _SPINE, 2, "Normal alignment."),
        _I("mri-sacroiliac", "", "MRI of sacroiliac joints", "MR", _PELVIS, 180, "No bone marrow oedema of the sacroiliac joints."),
        _I("mri-prostate", "", "Multiparametric MRI of prostate", "MR", _PROSTATE, 360, "PI-RADS 2, no suspicious lesion."),
        _I("us-leg", "", "Duplex ultrasound of leg vessels", "US", _LEG, 22, "Open arteries, veins compressible without reflux."),
    )
}  # fmt: skip

MODALITIES = {
    "DX": "Digital Radiography",
    "CT": "Computed Tomography",
    "MR": "Magnetic Resonance",
    "US": "Ultrasound",
    "MG": "Mammography",
    "XA": "X-Ray Angiography",
    "PT": "Positron emission tomography",
    "OPT": "Ophthalmic Tomography",
}

ORGANISMS: dict[str, tuple[str, str]] = {
    "e-coli": ("112283007", "Escherichia coli"),
    "klebsiella": ("56415008", "Klebsiella pneumoniae"),
    "aureus": ("3092008", "Staphylococcus aureus"),
    "pneumococcus": ("9861002", "Streptococcus pneumoniae"),
    "pseudomonas": ("52499004", "Pseudomonas aeruginosa"),
    "enterococcus": ("78065002", "Enterococcus faecalis"),
    "haemophilus": ("44470000", "Haemophilus influenzae"),
    "epidermidis": ("60875001", "Staphylococcus epidermidis"),
}
"""SNOMED CT code and name of the bacteria that cultures grow."""

CULTURES: dict[str, tuple[str, str, str]] = {
    "blood": ("600-7", "Bacteria identified in Blood by Culture", "blood"),
    "urine": ("630-4", "Bacteria identified in Urine by Culture", "urine"),
    "sputum": ("624-7", "Bacteria identified in Sputum by Respiratory culture", "sputum"),
    "wound": ("6462-6", "Bacteria identified in Wound by Culture", "wound"),
}
"""LOINC code, display and specimen of each kind of culture."""

SUSCEPTIBILITY: dict[str, tuple[str, str]] = {
    "amoxiclav": ("18862-3", "Amoxicillin+Clavulanate [Susceptibility]"),
    "ceftriaxone": ("18895-3", "Ceftriaxone [Susceptibility]"),
    "ciprofloxacin": ("18906-8", "Ciprofloxacin [Susceptibility]"),
    "clindamycin": ("18908-4", "Clindamycin [Susceptibility]"),
    "gentamicin": ("18928-2", "Gentamicin [Susceptibility]"),
    "meropenem": ("18943-1", "Meropenem [Susceptibility]"),
    "nitrofurantoin": ("18955-5", "Nitrofurantoin [Susceptibility]"),
    "oxacillin": ("18961-3", "Oxacillin [Susceptibility]"),
    "penicillin": ("18965-4", "Penicillin [Susceptibility]"),
    "piptazo": ("18970-4", "Piperacillin+Tazobactam [Susceptibility]"),
    "cotrimoxazole": ("18998-5", "Trimethoprim+Sulfamethoxazole [Susceptibility]"),
    "vancomycin": ("19000-9", "Vancomycin [Susceptibility]"),
}
ANTIBIOGRAMS: dict[str, tuple[tuple[str, float], ...]] = {
    "e-coli": (("amoxiclav", 0.75), ("ceftriaxone", 0.92), ("ciprofloxacin", 0.85), ("gentamicin", 0.94), ("meropenem", 1.0),
               ("nitrofurantoin", 0.98), ("cotrimoxazole", 0.78)),
    "klebsiella": (("amoxiclav", 0.82), ("ceftriaxone", 0.9), ("ciprofloxacin", 0.88), ("gentamicin", 0.95), ("meropenem", 0.99)),
    "aureus": (("oxacillin", 0.97), ("clindamycin", 0.9), ("vancomycin", 1.0), ("cotrimoxazole", 0.97)),
    "pneumococcus": (("penicillin", 0.96), ("ceftriaxone", 0.99), ("clindamycin", 0.92)),
    "pseudomonas": (("piptazo", 0.92), ("ciprofloxacin", 0.88), ("gentamicin", 0.95), ("meropenem", 0.94)),
    "enterococcus": (("vancomycin", 0.99), ("nitrofurantoin", 0.99)),
    "haemophilus": (("amoxiclav", 0.93), ("ceftriaxone", 1.0)),
    "epidermidis": (("oxacillin", 0.4), ("vancomycin", 1.0)),
}  # fmt: skip
"""For each bacterium the antibiotics that are tested, and the share of isolates that is susceptible."""


def _concept(key: str, snomed: str, display: str, system: str) -> Json:
    return concept(display, coding(SNOMED, snomed, display) if snomed else local(system, key, display))


ACTION_CONCEPTS: dict[str, Json] = {a.key: _concept(a.key, a.snomed, a.display, "procedures") for a in ACTIONS.values()}
IMAGING_CONCEPTS: dict[str, Json] = {i.key: _concept(i.key, i.snomed, i.display, "imaging") for i in IMAGING.values()}
