"""The reader's application: see docs/architecture.md for the layers."""
