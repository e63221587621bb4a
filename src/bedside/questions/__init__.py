"""Questions about patients: FHIRPath today, CQL on the same tree later; docs/questions.md tells the way of a question.

Text becomes tokens (`lexer`), tokens become one immutable tree with the node names of ELM (`parser`, `tree`),
and the tree is compiled once to Python closures (`expression`). Nothing here does I/O: what lies outside
the resource at hand (references, value sets, the time) comes through the protocol in `environment`.
"""
