"""MQTT in: one session with the broker, two ways of reading it, acknowledgement only of what is durable."""
