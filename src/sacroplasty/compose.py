"""Hands adapters to the rooms that ask for them."""
