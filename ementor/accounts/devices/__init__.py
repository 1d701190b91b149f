"""The devices of a person, and how another one becomes theirs."""
