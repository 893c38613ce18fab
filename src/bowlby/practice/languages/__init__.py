"""All words of the room: a folder for each language."""
