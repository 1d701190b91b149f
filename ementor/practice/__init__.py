"""The practice room: a minute's walk through the room with made-up companions. Nothing of it is kept."""
