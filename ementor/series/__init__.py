"""A group's series of meetings: its dates, who leads, what was promised, and the page between meetings."""
