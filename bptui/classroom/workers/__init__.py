"""Processes for the apps of those who are on their own, so that they hold up neither the class nor one another.

The class's process keeps SSH, the store and the stages. `nursery.py` forks workers off a process that has all loaded
and runs nothing; `crew.py` is the class's side, where an app in a worker is an `Own` like any other; `process.py` is
the worker's side, where it has a `Holder` like any other; `spares.py` keeps apps there that are started and are
nobody's yet. They talk by the messages of `wire.py`.
"""
