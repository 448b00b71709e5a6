"""Worklists about sessions, speakers and organisations, and the fixes they offer."""
