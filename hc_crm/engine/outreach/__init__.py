"""Arithmetic of outreach: plain Python, no ORM."""
