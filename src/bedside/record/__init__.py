"""The one record: write, read, history, search, transactions, changes, load, export.

`open_record` gives a `Record`; everything else in Bedside reads and writes through it. How it is stored, and how a
write and a search travel through the modules of this room, is told in docs/record.md.
"""
