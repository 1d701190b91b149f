"""What is one person's own, over all their groups: past notes, the thread through them, their data."""
