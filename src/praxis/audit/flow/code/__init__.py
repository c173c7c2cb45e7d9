"""The code of a project in the compact form that flow works on: made, walked, looked into."""
