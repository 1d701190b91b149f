"""Groups, who belongs to them, and the link that lets people in."""
