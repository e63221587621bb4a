"""Asking a record from Python and from the command line: questions in, values, frames and reasons out."""
