"""Tests of people, rosters and plans over HTTP."""
