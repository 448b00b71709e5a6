"""Audio as it comes in: uploaded, told by its content, described."""
