"""Small worlds and models built by hand."""
