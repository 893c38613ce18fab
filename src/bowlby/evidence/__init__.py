"""The model held against published findings: what is found, what the model gives, and why."""
