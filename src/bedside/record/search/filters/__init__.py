"""One module for each type of search parameter: which modifiers it takes, how its values are read, what they mean.

Each module has `MODIFIERS`, `read(parameter, modifier, text) -> value` (raises `Invalid` with code `value`) and
`condition(context, match) -> Condition`.
"""
