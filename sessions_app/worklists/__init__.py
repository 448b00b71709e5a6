"""What the desk shows of sessions, speakers and organisations, and how it is mended."""
