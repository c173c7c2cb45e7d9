"""
What the shop does with the components of Praxis: with ``shop.settings.dev_components`` only.

A page of one's devices, a board of the orders as they come in, this week's best sellers, and one
order for who presses the button twice.
"""
