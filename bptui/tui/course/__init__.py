"""The map of the course: every lesson with its steps, and what was done in them."""
