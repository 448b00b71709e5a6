"""How records are told to programs: citations, JSON, feeds, exports, the head of pages, card images."""
