"""The teacher's desk: who is here, how they answer, what the class is shown, and how one comes in.

`screen.py` is the screen; each pane is drawn by the module of its name, and reads the room alone.
"""
