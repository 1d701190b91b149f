"""The live meeting and its room."""
