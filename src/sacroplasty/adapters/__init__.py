"""File formats and foreign programs: they implement what the rooms ask for."""
