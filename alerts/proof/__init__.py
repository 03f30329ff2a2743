"""Proof: a case that can be carried away and checked without the hub, and what other systems are told in their own words (CAP)."""
