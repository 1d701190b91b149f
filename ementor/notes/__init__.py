"""The shared notes: one Yjs document per meeting, a part per agenda item and a general one."""
