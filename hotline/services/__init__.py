"""What the hotline does: verbs, one module a record. Imported as modules and called as verbs."""
