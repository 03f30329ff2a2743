"""What the readings mean: quality checks, rules in event time, points for the series store."""
