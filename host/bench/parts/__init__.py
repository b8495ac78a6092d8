"""The parts of a reader and what surrounds it, each from its data sheet, at its pins or its bus."""
