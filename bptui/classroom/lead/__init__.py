"""Leading: the class is shown what its driver's screen shows, whatever place that is in.

`shown` reads a screen (one class for each kind of place: `bench`, `lesson`, `labs`, `compare`); a `Mirror` shows the
same in another size; a `Stage` shares a mirror's app among followers whose terminals are alike; `Lead` says what is
shown, who drives, and how far the others may go by themselves.
"""

from bptui.classroom.lead.lead import Lead, LeadError
from bptui.classroom.lead.shown import Where

__all__ = ["Lead", "LeadError", "Where"]
