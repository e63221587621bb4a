"""What people have: problems and diagnoses in SNOMED CT and ICD-10, with the Dutch words that letters use."""

from __future__ import annotations

from typing import NamedTuple

from bedside.demo.codes import ICD10, SNOMED, Json, coding, concept, local


class Problem(NamedTuple):
    """A diagnosis: its key, SNOMED CT code and display, ICD-10 code and title, and its Dutch name."""

    key: str
    snomed: str
    display: str
    icd: str
    title: str
    dutch: str


_P = Problem
PROBLEMS: dict[str, Problem] = {
    p.key: p
    for p in (
        # Heart and vessels
        _P("hypertension", "38341003", "Hypertensive disorder", "I10", "Essential (primary) hypertension", "hypertensie"),
        _P("hyperlipidaemia", "55822004", "Hyperlipidemia", "E78.5", "Hyperlipidaemia, unspecified", "hyperlipidemie"),
        _P("heart-failure", "84114007", "Heart failure", "I50.9", "Heart failure, unspecified", "hartfalen"),
        _P("atrial-fibrillation", "49436004", "Atrial fibrillation", "I48.9", "Atrial fibrillation and atrial flutter, unspecified", "atriumfibrilleren"),
        _P("stemi", "401303003", "Acute ST segment elevation myocardial infarction", "I21.3", "Acute transmural myocardial infarction of unspecified site", "ST-elevatie-myocardinfarct"),
        _P("coronary-disease", "53741008", "Coronary arteriosclerosis", "I25.1", "Atherosclerotic heart disease", "coronairlijden"),
        _P("aortic-stenosis", "60573004", "Aortic valve stenosis", "I35.0", "Aortic (valve) stenosis", "aortaklepstenose"),
        _P("aortic-aneurysm", "233985008", "Abdominal aortic aneurysm", "I71.4", "Abdominal aortic aneurysm, without mention of rupture", "aneurysma van de abdominale aorta"),
        _P("pulmonary-embolism", "59282003", "Pulmonary embolism", "I26.9", "Pulmonary embolism without mention of acute cor pulmonale", "longembolie"),
        _P("deep-vein-thrombosis", "128053003", "Deep venous thrombosis", "I80.2", "Phlebitis and thrombophlebitis of other deep vessels of lower extremities", "diepveneuze trombose"),
        # Lungs
        _P("copd", "13645005", "Chronic obstructive lung disease", "J44.9", "Chronic obstructive pulmonary disease, unspecified", "COPD"),
        _P("copd-exacerbation", "195951007", "Acute exacerbation of chronic obstructive airways disease", "J44.1", "Chronic obstructive pulmonary disease with acute exacerbation, unspecified", "exacerbatie COPD"),
        _P("asthma", "195967001", "Asthma", "J45.9", "Asthma, unspecified", "astma"),
        _P("pneumonia", "233604007", "Pneumonia", "J18.9", "Pneumonia, unspecified", "pneumonie"),
        _P("bronchiolitis", "4120002", "Bronchiolitis", "J21.9", "Acute bronchiolitis, unspecified", "bronchiolitis"),
        _P("lung-cancer", "254637007", "Non-small cell lung cancer", "C34.9", "Malignant neoplasm: Bronchus or lung, unspecified", "niet-kleincellig longcarcinoom"),
        _P("sleep-apnoea", "78275009", "Obstructive sleep apnea syndrome", "G47.3", "Sleep apnoea", "obstructief slaapapneusyndroom"),
        _P("pneumothorax", "36118008", "Pneumothorax", "J93.9", "Pneumothorax, unspecified", "pneumothorax"),
        # Stomach, bowel, liver
        _P("crohn", "34000006", "Crohn's disease", "K50.9", "Crohn disease, unspecified", "ziekte van Crohn"),
        _P("ulcerative-colitis", "64766004", "Ulcerative colitis", "K51.9", "Ulcerative colitis, unspecified", "colitis ulcerosa"),
        _P("cirrhosis", "19943007", "Cirrhosis of liver", "K74.6", "Other and unspecified cirrhosis of liver", "levercirrose"),
        _P("ascites", "389026000", "Ascites", "R18", "Ascites", "ascites"),
        _P("varices", "28670008", "Esophageal varices", "I85.9", "Oesophageal varices without bleeding", "slokdarmvarices"),
        _P("encephalopathy", "13920009", "Hepatic encephalopathy", "K72.9", "Hepatic failure, unspecified", "hepatische encefalopathie"),
        _P("colon-cancer", "363406005", "Malignant tumor of colon", "C18.9", "Malignant neoplasm: Colon, unspecified", "coloncarcinoom"),
        _P("appendicitis", "85189001", "Acute appendicitis", "K35.8", "Acute appendicitis, other and unspecified", "appendicitis acuta"),
        _P("gallstones", "235919008", "Cholelithiasis", "K80.2", "Calculus of gallbladder without cholecystitis", "galstenen"),
        _P("cholecystitis", "65275009", "Acute cholecystitis", "K81.0", "Acute cholecystitis", "acute cholecystitis"),
        _P("pancreatitis", "197456007", "Acute pancreatitis", "K85.9", "Acute pancreatitis, unspecified", "acute pancreatitis"),
        _P("inguinal-hernia", "396232000", "Inguinal hernia", "K40.9", "Unilateral or unspecified inguinal hernia, without obstruction or gangrene", "liesbreuk"),
        _P("alcohol", "7200002", "Alcoholism", "F10.2", "Mental and behavioural disorders due to use of alcohol: dependence syndrome", "alcoholafhankelijkheid"),
        _P("coeliac", "396331005", "Celiac disease", "K90.0", "Coeliac disease", "coeliakie"),
        # Kidneys and urinary tract
        _P("ckd3", "433144002", "Chronic kidney disease stage 3", "N18.3", "Chronic kidney disease, stage 3", "chronische nierschade, stadium 3"),
        _P("ckd4", "431857002", "Chronic kidney disease stage 4", "N18.4", "Chronic kidney disease, stage 4", "chronische nierschade, stadium 4"),
        _P("ckd5", "433146000", "Chronic kidney disease stage 5", "N18.5", "Chronic kidney disease, stage 5", "chronische nierschade, stadium 5"),
        _P("polycystic-kidney", "765330003", "Autosomal dominant polycystic kidney disease", "Q61.2", "Polycystic kidney, autosomal dominant", "cystenieren (ADPKD)"),
        _P("iga-nephropathy", "236407003", "Immunoglobulin A nephropathy", "N02.8", "Recurrent and persistent haematuria: Other", "IgA-nefropathie"),
        _P("kidney-transplant", "737295003", "Transplanted kidney present", "Z94.0", "Kidney transplant status", "status na niertransplantatie"),
        _P("aki", "14669001", "Acute kidney injury", "N17.9", "Acute renal failure, unspecified", "acute nierinsufficiëntie"),
        _P("uti", "68566005", "Urinary tract infectious disease", "N39.0", "Urinary tract infection, site not specified", "urineweginfectie"),
        _P("kidney-stone", "95570007", "Kidney stone", "N20.0", "Calculus of kidney", "niersteen"),
        _P("prostate-hyperplasia", "266569009", "Benign prostatic hyperplasia", "N40", "Hyperplasia of prostate", "benigne prostaathyperplasie"),
        _P("prostate-cancer", "399068003", "Malignant tumor of prostate", "C61", "Malignant neoplasm of prostate", "prostaatcarcinoom"),
        # Metabolism, hormones, blood
        _P("diabetes2", "44054006", "Diabetes mellitus type 2", "E11.9", "Type 2 diabetes mellitus, without complications", "diabetes mellitus type 2"),
        _P("diabetes1", "46635009", "Diabetes mellitus type 1", "E10.9", "Type 1 diabetes mellitus, without complications", "diabetes mellitus type 1"),
        _P("ketoacidosis", "420422005", "Ketoacidosis due to diabetes mellitus", "E10.1", "Type 1 diabetes mellitus with ketoacidosis", "diabetische ketoacidose"),
        _P("obesity", "414916001", "Obesity", "E66.9", "Obesity, unspecified", "obesitas"),
        _P("hypothyroidism", "40930008", "Hypothyroidism", "E03.9", "Hypothyroidism, unspecified", "hypothyreoïdie"),
        _P("graves", "353295004", "Graves' disease", "E05.0", "Thyrotoxicosis with diffuse goitre", "ziekte van Graves"),
        _P("gout", "90560007", "Gout", "M10.9", "Gout, unspecified", "jicht"),
        _P("osteoporosis", "64859006", "Osteoporosis", "M81.9", "Osteoporosis, unspecified", "osteoporose"),
        _P("iron-deficiency", "87522002", "Iron deficiency anemia", "D50.9", "Iron deficiency anaemia, unspecified", "ijzergebreksanemie"),
        _P("aml", "91861009", "Acute myeloid leukemia", "C92.0", "Acute myeloblastic leukaemia [AML]", "acute myeloïde leukemie"),
        _P("all", "91857003", "Acute lymphoid leukemia", "C91.0", "Acute lymphoblastic leukaemia [ALL]", "acute lymfatische leukemie"),
        _P("lymphoma", "118601006", "Non-Hodgkin's lymphoma", "C85.9", "Non-Hodgkin lymphoma, unspecified", "non-hodgkinlymfoom"),
        _P("febrile-neutropenia", "409089005", "Febrile neutropenia", "D70", "Agranulocytosis", "febriele neutropenie"),
        _P("hyperkalaemia", "14140009", "Hyperkalemia", "E87.5", "Hyperkalaemia", "hyperkaliëmie"),
        _P("hyponatraemia", "89627008", "Hyponatremia", "E87.1", "Hypo-osmolality and hyponatraemia", "hyponatriëmie"),
        # Nerves and mind
        _P("stroke", "422504002", "Ischemic stroke", "I63.9", "Cerebral infarction, unspecified", "herseninfarct"),
        _P("epilepsy", "84757009", "Epilepsy", "G40.9", "Epilepsy, unspecified", "epilepsie"),
        _P("ms", "24700007", "Multiple sclerosis", "G35", "Multiple sclerosis", "multipele sclerose"),
        _P("parkinson", "49049000", "Parkinson's disease", "G20", "Parkinson disease", "ziekte van Parkinson"),
        _P("alzheimer", "26929004", "Alzheimer's disease", "G30.9", "Alzheimer disease, unspecified", "ziekte van Alzheimer"),
        _P("migraine", "37796009", "Migraine", "G43.9", "Migraine, unspecified", "migraine"),
        _P("subdural-haematoma", "95453001", "Subdural intracranial hemorrhage", "I62.0", "Subdural haemorrhage (acute)(nontraumatic)", "subduraal hematoom"),
        _P("brain-injury", "127295002", "Traumatic brain injury", "S06.9", "Intracranial injury, unspecified", "traumatisch hersenletsel"),
        _P("depression", "370143000", "Major depressive disorder", "F32.9", "Depressive episode, unspecified", "depressieve stoornis"),
        _P("bipolar", "13746004", "Bipolar disorder", "F31.9", "Bipolar affective disorder, unspecified", "bipolaire stoornis"),
        _P("delirium", "2776000", "Delirium", "F05.9", "Delirium, unspecified", "delier"),
        # Joints, bones, skin
        _P("rheumatoid-arthritis", "69896004", "Rheumatoid arthritis", "M06.9", "Rheumatoid arthritis, unspecified", "reumatoïde artritis"),
        _P("lupus", "55464009", "Systemic lupus erythematosus", "M32.9", "Systemic lupus erythematosus, unspecified", "systemische lupus erythematodes"),
        _P("hip-arthrosis", "239872002", "Osteoarthritis of hip", "M16.1", "Other primary coxarthrosis", "coxartrose"),
        _P("knee-arthrosis", "239873007", "Osteoarthritis of knee", "M17.1", "Other primary gonarthrosis", "gonartrose"),
        _P("hip-fracture", "359817006", "Closed fracture of hip", "S72.0", "Fracture of neck of femur", "heupfractuur"),
        _P("wrist-fracture", "263199001", "Fracture of distal end of radius", "S52.5", "Fracture of lower end of radius", "polsfractuur"),
        _P("ankle-fracture", "16114001", "Fracture of ankle", "S82.8", "Fractures of other parts of lower leg", "enkelfractuur"),
        _P("rib-fracture", "33737001", "Fracture of rib", "S22.3", "Fracture of rib", "ribfractuur"),
        _P("femur-fracture", "71620000", "Fracture of femur", "S72.9", "Fracture of femur, part unspecified", "femurfractuur"),
        _P("low-back-pain", "279039007", "Low back pain", "M54.5", "Low back pain", "lage-rugpijn"),
        _P("chronic-pain", "82423001", "Chronic pain", "R52.2", "Other chronic pain", "chronische pijn"),
        _P("carpal-tunnel", "57406009", "Carpal tunnel syndrome", "G56.0", "Carpal tunnel syndrome", "carpaletunnelsyndroom"),
        _P("burn", "125666000", "Burn", "T30.0", "Burn of unspecified body region, unspecified degree", "brandwond"),
        _P("psoriasis", "9014002", "Psoriasis", "L40.9", "Psoriasis, unspecified", "psoriasis"),
        _P("eczema", "24079001", "Atopic dermatitis", "L20.9", "Atopic dermatitis, unspecified", "constitutioneel eczeem"),
        _P("melanoma", "372244006", "Malignant melanoma", "C43.9", "Malignant melanoma of skin, unspecified", "melanoom"),
        _P("basal-cell", "254701007", "Basal cell carcinoma of skin", "C44.9", "Malignant neoplasm of skin, unspecified", "basaalcelcarcinoom"),
        _P("cellulitis", "128045006", "Cellulitis", "L03.9", "Cellulitis, unspecified", "cellulitis"),
        # Women, mothers, children
        _P("breast-cancer", "254837009", "Malignant neoplasm of breast", "C50.9", "Malignant neoplasm: Breast, unspecified", "mammacarcinoom"),
        _P("pregnancy", "77386006", "Pregnancy", "Z34.9", "Supervision of normal pregnancy, unspecified", "zwangerschap"),
        _P("gestational-diabetes", "11687002", "Gestational diabetes mellitus", "O24.4", "Diabetes mellitus arising in pregnancy", "zwangerschapsdiabetes"),
        _P("preeclampsia", "398254007", "Pre-eclampsia", "O14.9", "Pre-eclampsia, unspecified", "pre-eclampsie"),
        _P("endometriosis", "129103003", "Endometriosis", "N80.9", "Endometriosis, unspecified", "endometriose"),
        _P("fibroids", "95315005", "Uterine leiomyoma", "D25.9", "Leiomyoma of uterus, unspecified", "uterus myomatosus"),
        _P("prematurity", "395507008", "Premature infant", "P07.3", "Other preterm infants", "prematuriteit"),
        _P("respiratory-distress", "46775006", "Respiratory distress syndrome in the newborn", "P22.0", "Respiratory distress syndrome of newborn", "IRDS"),
        _P("neonatal-jaundice", "387712008", "Neonatal jaundice", "P59.9", "Neonatal jaundice, unspecified", "icterus neonatorum"),
        _P("cystic-fibrosis", "190905008", "Cystic fibrosis", "E84.9", "Cystic fibrosis, unspecified", "taaislijmziekte"),
        _P("down", "41040004", "Complete trisomy 21 syndrome", "Q90.9", "Down syndrome, unspecified", "syndroom van Down"),
        _P("neurofibromatosis", "92824003", "Neurofibromatosis type 1", "Q85.0", "Neurofibromatosis (nonmalignant)", "neurofibromatose type 1"),
        _P("marfan", "19346006", "Marfan's syndrome", "Q87.4", "Marfan syndrome", "syndroom van Marfan"),
        # Eyes, ears
        _P("cataract", "193570009", "Cataract", "H25.9", "Senile cataract, unspecified", "cataract"),
        _P("glaucoma", "77075001", "Primary open angle glaucoma", "H40.1", "Primary open-angle glaucoma", "openkamerhoekglaucoom"),
        _P("macular-degeneration", "267718000", "Age-related macular degeneration", "H35.3", "Degeneration of macula and posterior pole", "maculadegeneratie"),
        _P("retinopathy", "4855003", "Retinopathy due to diabetes mellitus", "H36.0", "Diabetic retinopathy", "diabetische retinopathie"),
        _P("sinusitis", "40055000", "Chronic sinusitis", "J32.9", "Chronic sinusitis, unspecified", "chronische sinusitis"),
        _P("hearing-loss", "60700002", "Sensorineural hearing loss", "H90.5", "Sensorineural hearing loss, unspecified", "perceptief gehoorverlies"),
        # Infections
        _P("sepsis", "91302008", "Sepsis", "A41.9", "Sepsis, unspecified", "sepsis"),
        _P("septic-shock", "76571007", "Septic shock", "R57.2", "Septic shock", "septische shock"),
        _P("hiv", "86406008", "Human immunodeficiency virus infection", "B24", "Unspecified human immunodeficiency virus [HIV] disease", "hiv-infectie"),
        _P("covid", "840539006", "Disease caused by severe acute respiratory syndrome coronavirus 2", "U07.1", "COVID-19, virus identified", "COVID-19"),
        _P("tuberculosis", "154283005", "Pulmonary tuberculosis", "A15.0", "Tuberculosis of lung, confirmed by sputum microscopy with or without culture", "longtuberculose"),
        _P("pyelonephritis", "36689008", "Acute pyelonephritis", "N10", "Acute tubulo-interstitial nephritis", "acute pyelonefritis"),
        _P("endocarditis", "56819008", "Endocarditis", "I33.0", "Acute and subacute infective endocarditis", "infectieuze endocarditis"),
        _P("aspiration-pneumonia", "422588002", "Aspiration pneumonia", "J69.0", "Pneumonitis due to food and vomit", "aspiratiepneumonie"),
        _P("als", "86044005", "Amyotrophic lateral sclerosis", "G12.2", "Motor neuron disease", "amyotrofische laterale sclerose"),
        _P("guillain-barre", "40956001", "Guillain-Barré syndrome", "G61.0", "Guillain-Barré syndrome", "syndroom van Guillain-Barré"),
        _P("status-epilepticus", "230456007", "Status epilepticus", "G41.9", "Status epilepticus, unspecified", "status epilepticus"),
        _P("subarachnoid", "21454007", "Subarachnoid intracranial hemorrhage", "I60.9", "Subarachnoid haemorrhage, unspecified", "subarachnoïdale bloeding"),
        _P("hydrocephalus", "230745008", "Hydrocephalus", "G91.9", "Hydrocephalus, unspecified", "hydrocefalus"),
        _P("schizophrenia", "58214004", "Schizophrenia", "F20.9", "Schizophrenia, unspecified", "schizofrenie"),
        _P("anorexia-nervosa", "56882008", "Anorexia nervosa", "F50.0", "Anorexia nervosa", "anorexia nervosa"),
        _P("mild-cognitive", "386805003", "Mild cognitive impairment", "F06.7", "Mild cognitive disorder", "lichte cognitieve stoornis"),
        _P("vascular-dementia", "429998004", "Vascular dementia", "F01.9", "Vascular dementia, unspecified", "vasculaire dementie"),
        _P("orthostatic-hypotension", "28651003", "Orthostatic hypotension", "I95.1", "Orthostatic hypotension", "orthostatische hypotensie"),
        _P("spondylitis", "9631008", "Ankylosing spondylitis", "M45", "Ankylosing spondylitis", "axiale spondyloartritis"),
        _P("polymyalgia", "65323003", "Polymyalgia rheumatica", "M35.3", "Polymyalgia rheumatica", "polymyalgia rheumatica"),
        _P("bladder-cancer", "399326009", "Malignant tumor of urinary bladder", "C67.9", "Malignant neoplasm: Bladder, unspecified", "blaascarcinoom"),
        _P("haematuria", "34436003", "Blood in urine", "R31", "Unspecified haematuria", "hematurie"),
    )
}  # fmt: skip

_LOCAL: tuple[Problem, ...] = (
    _P("tonsillitis", "", "Chronic tonsillitis", "J35.0", "Chronic tonsillitis", "chronische tonsillitis"),
    _P("lumbar-hernia", "", "Lumbar disc herniation with radiculopathy", "M51.1", "Lumbar and other intervertebral disc disorders with radiculopathy", "lumbale hernia met radiculopathie"),
    _P("meningioma", "", "Meningioma", "D32.0", "Benign neoplasm: Cerebral meninges", "meningeoom"),
    _P("spinal-cord-injury", "", "Incomplete spinal cord injury", "T09.3", "Injury of spinal cord, level unspecified", "incomplete dwarslaesie"),
    _P("brca1", "", "Carrier of a pathogenic BRCA1 variant", "Z80.3", "Family history of malignant neoplasm of breast", "draagster van een pathogene BRCA1-variant"),
    _P("lynch", "", "Lynch syndrome", "Z80.0", "Family history of malignant neoplasm of digestive organs", "lynchsyndroom"),
    _P("frailty", "", "Frailty with recurrent falls", "R54", "Senility", "kwetsbaarheid met recidiverend vallen"),
    _P("multiple-trauma", "", "Multiple injuries", "T07", "Unspecified multiple injuries", "multitrauma"),
    _P("wound", "", "Open wound of hand", "S61.9", "Open wound of wrist and hand part, part unspecified", "open wond van de hand"),
    _P("peripheral-artery", "", "Peripheral arterial disease with claudication", "I70.2", "Atherosclerosis of arteries of extremities", "perifeer arterieel vaatlijden"),
    _P("gvhd", "", "Acute graft-versus-host disease", "T86.0", "Bone-marrow transplant rejection", "acute graft-versus-hostziekte"),
    _P("marrow-transplant", "", "Allogeneic stem cell transplant present", "Z94.8", "Other transplanted organ and tissue status", "status na allogene stamceltransplantatie"),
    _P("birth", "", "Liveborn infant", "Z38.0", "Singleton, born in hospital", "pasgeborene"),
    _P("well-child", "", "Health supervision of a child", "Z00.1", "Routine child health examination", "gezondheidsonderzoek van een kind"),
    _P("viral-infection", "", "Fever, probably viral", "B34.9", "Viral infection, unspecified", "koorts, waarschijnlijk viraal"),
    _P("chest-pain", "", "Chest pain without cardiac cause", "R07.4", "Chest pain, unspecified", "thoracale pijn zonder cardiale oorzaak"),
    _P("concussion", "", "Concussion", "S06.0", "Concussion", "hersenschudding"),
    _P("breast-absence", "", "Absence of breast after mastectomy", "Z90.1", "Acquired absence of breast(s)", "status na mastectomie"),
    _P("palliative", "", "Palliative phase", "Z51.5", "Palliative care", "palliatieve fase"),
    _P("dialysis", "", "Dependence on dialysis", "Z99.2", "Dependence on renal dialysis", "dialyseafhankelijkheid"),
    _P("glioblastoma", "", "Glioblastoma of brain", "C71.9", "Malignant neoplasm: Brain, unspecified", "glioblastoom"),
    _P("normal-pressure", "", "Normal pressure hydrocephalus", "G91.2", "Normal-pressure hydrocephalus", "normaledrukhydrocefalus"),
    _P("withdrawal", "", "Alcohol withdrawal with delirium", "F10.4", "Mental and behavioural disorders due to use of alcohol: withdrawal state with delirium", "alcoholonthouding met delier"),
    _P("psychosis", "", "First psychotic episode", "F23.9", "Acute and transient psychotic disorder, unspecified", "eerste psychotische episode"),
    _P("polypharmacy", "", "Harm from many medicines together", "T88.7", "Unspecified adverse effect of drug or medicament", "polyfarmacie met bijwerkingen"),
    _P("lupus-nephritis", "", "Lupus nephritis", "M32.1", "Systemic lupus erythematosus with organ or system involvement", "lupusnefritis"),
    _P("uveitis", "", "Acute anterior uveitis", "H20.0", "Acute and subacute iridocyclitis", "uveitis anterior"),
    _P("scoliosis", "", "Adolescent idiopathic scoliosis", "M41.1", "Juvenile idiopathic scoliosis", "idiopathische scoliose"),
    _P("vertebral-fracture", "", "Osteoporotic fracture of vertebra", "M80.9", "Unspecified osteoporosis with pathological fracture", "osteoporotische wervelfractuur"),
    _P("prosthetic-infection", "", "Infection of joint prosthesis", "T84.5", "Infection and inflammatory reaction due to internal joint prosthesis", "infectie van een gewrichtsprothese"),
    _P("diverticulitis", "", "Perforated diverticulitis of the sigmoid", "K57.2", "Diverticular disease of large intestine with perforation and abscess", "geperforeerde diverticulitis van het sigmoïd"),
    _P("colostomy", "", "Colostomy present", "Z93.3", "Colostomy status", "status met colostoma"),
    _P("foot-ulcer", "", "Ischaemic ulcer of the foot", "I70.2", "Atherosclerosis of arteries of extremities", "ischemisch voetulcus"),
    _P("venous-ulcer", "", "Venous ulcer of the leg", "I83.0", "Varicose veins of lower extremities with ulcer", "ulcus cruris venosum"),
)  # fmt: skip
PROBLEMS.update((p.key, p) for p in _LOCAL)


def _concept(problem: Problem) -> Json:
    first = (
        coding(SNOMED, problem.snomed, problem.display)
        if problem.snomed
        else local("problems", problem.key, problem.display)
    )
    return concept(problem.display, first, coding(ICD10, problem.icd, problem.title))


CONCEPTS: dict[str, Json] = {key: _concept(problem) for key, problem in PROBLEMS.items()}
"""The CodeableConcept of each problem, by key."""
