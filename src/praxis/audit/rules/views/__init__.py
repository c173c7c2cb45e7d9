"""What serves requests: views, URL confs, and whatever they call."""
