"""The rules of a live meeting: plain Python, no clock, no database, no Flask.

``run`` is the door: what others need is imported from there or from ``agenda``.
"""
