"""The report as one HTML file: nothing is fetched, and all of it is readable without script."""
