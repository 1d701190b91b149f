"""Two people in the database who are one human being."""
