"""Tests of people: rosters, plans, ladders, the look ahead."""
