"""Running a typed tree: compiled once to closures, evaluated many times against a `World`."""
