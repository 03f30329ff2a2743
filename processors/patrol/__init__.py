"""The role `patrol`: pictures in; events, evidence, minute figures and the coverage ledger out."""
