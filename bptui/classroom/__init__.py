"""A class over SSH: one command for the teacher, `ssh` for the class.

`folder.py` is where classes live on disk, `store.py` what a class remembers (`sqlite.py` keeps it), `people.py` who is
who (`listed.py` reads a closed list, `records.py` forgets), `limits.py` how often one may try. `server.py` takes
connections, `door.py` says who comes in, `lobby.py` asks in plain text what a login cannot ask, `seat.py` is one
terminal of the class, and `stage.py` shows what the teacher leads. `apps.py` has people's own apps and what they and a
seat want of each other, `places.py` keeps where somebody is. `plain.py` makes people's words harmless.
`terminal/` lets many Textual apps live in one process, each at the far end of an SSH channel.
"""
