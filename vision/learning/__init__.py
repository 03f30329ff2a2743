"""What officers' confirmed and rejected alarms teach a site: pure functions; who stores the examples is another's work."""
