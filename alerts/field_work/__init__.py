"""Field staff: signed links to the phone page, what they do there, photos, and reports by people."""
