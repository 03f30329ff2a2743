"""SensorThings 1.1: chapters of 18-088, the client of FROST, and the bounds."""
