"""Links to the phone page, reports by people and what is attached to incidents."""
