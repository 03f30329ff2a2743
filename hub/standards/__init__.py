"""The arithmetic of the standards: pure functions over dated tables (`tables/*.toml`). What is supported, clause by clause: `docs/standards.md`."""
