"""Virtual trials: simulated clients, randomised to arms, analysed as a trial would be."""
