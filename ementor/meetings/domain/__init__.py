"""The rules of a live meeting: plain Python, no clock, no database, no Flask.

``run`` is the door: commands, events and ``Run`` are imported from there, items from ``agenda``. What is
shown of a run is told by the functions of ``floor``, ``lengths``, ``times`` and ``plan``. Behind the
door ``engine`` runs what the ``subjects`` register: each has its commands, what follows from them, and
what its events mean.

A new command is a class with its ``decides`` in one subject, a new kind of event a row of
``events.Kind`` with its ``evolves`` in one subject, a new mode a member and a row in ``modes``.
"""
