"""What the standards say of stations and periods: the question, what the store has for it, the verdicts, and how they are shown."""
