"""What people can do in a meeting, by subject: its commands, what follows from them, what its events mean."""
