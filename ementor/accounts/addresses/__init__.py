"""The e-mail address of a person, and coming back by a code that is sent there."""
