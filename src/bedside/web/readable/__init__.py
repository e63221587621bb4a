"""Any R4 resource in words: a title line, key facts, and every element as nested lists of names and values.

`title` makes the line by which a resource is recognised, `tree` shows everything in the order of the specification,
`values` turns each data type into one of the shapes of `shapes`, and the template `components.html` draws those
shapes. Nothing here reads the record: names of what is referred to come through a function.
"""
