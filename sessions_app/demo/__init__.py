"""An invented archive, made from a seed: the same seed gives the same records."""
