"""The workbench's panes that speak of a session: each is a function that draws a canvas."""
