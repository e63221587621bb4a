"""CQL 1.5: the language in which a clinical question is written once and asked many ways.

text -> `syntax` (what was written) -> `tree` (what it means, typed, with ELM's names) -> closures -> answers.
"""
