"""Figures of incidents: how soon they are seen and told, and how quick the pages stay with many stored."""
