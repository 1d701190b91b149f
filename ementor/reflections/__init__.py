"""The closing reflection: answers of one's own, shared only as their author chooses."""
