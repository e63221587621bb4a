"""Who may do what. Begin with `policy.decide`, the one decision on a request, and `scope.visible`, the same policy as a
condition on the record, for sets. docs/security.md says what exists and what asks it."""
