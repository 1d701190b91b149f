"""What people and the law expect of a service: help, accessibility, privacy, feedback; and a phone's icon."""
