"""People, units, areas, rosters and plans of escalation."""
