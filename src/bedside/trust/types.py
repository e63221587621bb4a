"""Resource types that are not about patients: what every signed-in actor may read.

The list is of what is open, so a type that is not on it is closed. A resource of one of these types that refers to a
patient all the same is about that patient, and the patient's rules hold.
"""

from __future__ import annotations

DIRECTORY = frozenset(
    {
        # people and places of care
        "Organization", "OrganizationAffiliation", "Practitioner", "PractitionerRole", "Location", "HealthcareService",
        "Endpoint", "Schedule", "Slot",
        # knowledge
        "ActivityDefinition", "EventDefinition", "EvidenceVariable", "Evidence", "Library", "Measure", "PlanDefinition",
        "Questionnaire", "ResearchDefinition", "ResearchElementDefinition", "ResearchStudy", "SpecimenDefinition",
        "ObservationDefinition", "CatalogEntry",
        # products
        "Medication", "MedicationKnowledge", "Substance", "DeviceDefinition",
        # terminology and conformance
        "CodeSystem", "ValueSet", "ConceptMap", "NamingSystem", "TerminologyCapabilities", "CapabilityStatement",
        "StructureDefinition", "StructureMap", "SearchParameter", "OperationDefinition", "CompartmentDefinition",
        "ImplementationGuide", "MessageDefinition", "GraphDefinition", "ExampleScenario",
    }
)  # fmt: skip
