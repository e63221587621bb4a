"""The page on which a question is written, checked while it is typed, asked of a patient, and answered with reasons."""
