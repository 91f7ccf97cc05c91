"""The draft of an impact assessment: what a model can fill, and what only a controller can."""
