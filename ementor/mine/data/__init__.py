"""All that is one person's, for them to take along."""
