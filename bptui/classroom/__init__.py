"""A class over SSH: one command for the teacher, `ssh` for the class.

`folder.py` is where classes live on disk, `store.py` what a class remembers (`sqlite.py` keeps it), `people.py` who
is who (`listed.py` reads a closed list, `records.py` forgets), `limits.py` how often one may try. `server.py` takes
connections, `door.py` says who comes in, `lobby.py` asks in plain text what a login cannot ask. `room.py` is the
class in session, `seat.py` one terminal of it, `following.py` what a seat does without an app, `own_line.py` the rows
below the stage. `apps.py` has people's own apps, `drivers.py` those of whoever leads, `own.py` what an app and a seat
want of each other; `places.py` keeps where somebody is. `polls.py`, `questions.py` and `ask.py` ask the class,
`roster.py` says who is here. `plain.py` makes people's words harmless.

`lead/` is what the class is shown, `desk/` what the teacher sees of it, `workers/` the processes for those who are on
their own. `terminal/` lets many Textual apps live in one process, each at the far end of an SSH channel.
"""
