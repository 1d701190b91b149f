"""Ready agendas of the programmes: the data and who reads it."""
