"""What simulated clients say: one written and reviewed library for each pattern."""
