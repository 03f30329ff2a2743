"""The tests, one folder per room, and the real engines they run on."""
