"""The result log and the record that is written into it."""
