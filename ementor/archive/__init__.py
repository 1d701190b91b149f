"""Records of closed meetings: keep, read, print, take along."""
