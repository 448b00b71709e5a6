"""OAI-PMH 2.0 at /oai: what libraries harvest. Source: the protocol's specification, 2015-01-08."""
