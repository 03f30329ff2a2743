"""How well the patrol sees: the protocol's suites, counted against exact truth; `make patrol-score` writes benchmarks/PATROL.md."""
