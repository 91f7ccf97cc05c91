"""The engines: sampled hour by hour, sampled by events, or in closed form."""
