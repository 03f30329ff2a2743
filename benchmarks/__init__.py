"""Every figure the hub claims, measured: `make bench ARGS="--short"`; results in benchmarks/RESULTS.md."""
