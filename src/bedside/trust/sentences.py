"""Each reason in one plain sentence, for an OperationOutcome, an access log and `explain`. No patient data in it."""

from __future__ import annotations

from bedside.trust.model import Reason

SENTENCES: dict[Reason, str] = {
    Reason.DIRECTORY: "This is not about a patient and open to everybody who is signed in.",
    Reason.RELATION: "The actor treats this patient.",
    Reason.GLASS: "The actor broke the glass for this patient, with a reason and for a limited time.",
    Reason.OWN: "Patients may read their own record.",
    Reason.PROXY: "The patient, or somebody who may decide for the patient, granted this to the actor.",
    Reason.PERMIT: "A research permit covers this, and the patient's decision about research allows it.",
    Reason.CLOSED_TYPE: "Resources of this type that are about no patient are not open.",
    Reason.NO_PATIENT: "This belongs to a patient, but does not say to which one of this record.",
    Reason.PURPOSE: "This actor has no access for this purpose.",
    Reason.ACTION: "This actor may not do this.",
    Reason.OWN_AS_STAFF: "Staff read their own record as patients, not as staff.",
    Reason.NO_RELATION: "The actor has no treatment relation with this patient.",
    Reason.RELATION_ENDED: "The actor's treatment relation with this patient is not in force now.",
    Reason.GLASS_EXPIRED: "The time for which the actor broke the glass is over.",
    Reason.LABEL: "A security label on this resource hides it from this actor.",
    Reason.CONSENT: "The patient's decision does not allow this.",
    Reason.NOT_OWN: "This is not the actor's own record.",
    Reason.NO_PROXY: "No grant that counts at the patient's age names this actor for this.",
    Reason.NO_PERMIT: "No research permit names this actor for this purpose and patient.",
    Reason.PERMIT_EXPIRED: "The research permit is not valid now.",
    Reason.PERMIT_DATA: "The research permit does not cover this data.",
    Reason.NO_GRANT: "An app or system sees patients only by a grant that names it, and there is none.",
}
