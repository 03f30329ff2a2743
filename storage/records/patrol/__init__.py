"""The patrol's records: cameras as set up, events, evidence, the coverage ledger, labels and what was learned from them."""
