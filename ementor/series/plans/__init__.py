"""The pages on which a series is planned: what for, when, which dates, and the invitation."""
