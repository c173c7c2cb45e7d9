"""The languages of templates, read into the intermediate form that flow works on."""
