"""Textual at the far end of an SSH channel, many apps in one process.

Textual is made for one app that owns its process and its terminal. What that breaks here is mended in this folder
alone, and some of it by private names of Textual; that is why the extra `class` pins Textual's minor version.
"""
