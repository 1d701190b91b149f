"""The rules of a live meeting: plain Python, no clock, no database, no Flask.

``run`` is the door: what others need is imported from there, from ``agenda`` or ``modes``. Behind it
``engine`` runs what the ``subjects`` register: each has its commands, what follows from them, and
what its events mean.
"""
