"""Published findings with their sources, bands, and the mechanism held responsible for each."""
