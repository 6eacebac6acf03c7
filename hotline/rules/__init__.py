"""What can be decided without a database row: values in, values out, no framework."""
