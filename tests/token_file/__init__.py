"""Refresh tokens that end with each renewal, whatever happens during it."""
