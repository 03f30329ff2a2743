"""OGC SensorThings 1.1 (18-088), read only: the register and the series store in the words of that standard."""
