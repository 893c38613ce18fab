"""Motion energy from video: regions of people, frames, flicker, and what comes out."""
