"""Where facts about countries and exchange rates come from: bundled files, or two public APIs."""
