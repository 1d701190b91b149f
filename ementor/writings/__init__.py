"""Quiet writing: each writes in private, and shares in the notes only what they choose."""
