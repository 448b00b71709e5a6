"""Machine-readable formats: citations, JSON, feeds, exports, metadata of pages, card images."""
