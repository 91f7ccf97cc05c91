"""The sampled engines: chance is drawn by counters, hour by hour or by events."""
