"""Who is told of an incident, when and by which way: people, units, areas, duty rosters and plans of escalation."""
