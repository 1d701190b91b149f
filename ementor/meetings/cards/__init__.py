"""The cards of the room as data: what each shows to one viewer. Plain Python; templates print it."""
