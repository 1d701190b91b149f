"""Records as files to take along: what a group shares, never what is private."""
