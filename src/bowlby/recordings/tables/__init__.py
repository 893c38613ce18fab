"""Tables of text as labs have them: what the rows say, not what a header promises."""
