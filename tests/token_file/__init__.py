"""Refresh tokens that die with each renewal, whatever happens around one."""
