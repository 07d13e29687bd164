"""Where the cities and the edges stand."""
