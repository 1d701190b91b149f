"""The rules of a series: plain Python, and time is an argument."""
