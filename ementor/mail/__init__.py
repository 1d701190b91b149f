"""Letters that wait to be sent, and sending them."""
