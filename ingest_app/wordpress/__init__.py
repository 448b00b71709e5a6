"""The old site's WordPress: its export read, mapped and written."""
