"""People, guests and signing in."""
