"""Line of sight over a terrain of an open place: aggregates leave, rasters do not."""
