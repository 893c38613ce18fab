"""The practice room: a therapist in training works with a simulated client in the browser."""
