"""The house's own tools; a package, so that an installed one of this name cannot take its place."""
