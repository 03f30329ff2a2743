"""Who may be a person, and how persons are made unrecognisable."""
