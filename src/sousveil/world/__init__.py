"""The world of one member: people, places, forcings."""
