"""Measurements. They print figures and assert none; `python -m tests.bench` runs those of the engine."""
