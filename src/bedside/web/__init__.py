"""Pages: the shell that every department uses, and the front page with the generic view of the record.

`shell` renders a template in the reader's language with the headers that every page needs; `locale` writes dates,
numbers and sentences; `assets` serves style sheets and scripts under names that change with their content;
`readable` turns any resource into words; `pages` has the routes. Data is asked of the record and nothing else.
"""
